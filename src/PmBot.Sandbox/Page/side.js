// The side bar: who one is, and the channels with their unread marks.
import { $, arrange, avatar, el } from './dom.js';
import { openSwitcher } from './switcher.js';

const sections = [['O', 'Channels', 'public', '#'], ['P', 'Private channels', 'private', '🔒'], ['D', 'Direct messages', 'direct messages', '']];
let users = '', channels = '';

export function watchSide(app) {
  $('user').onchange = event => app.be(event.target.value);
  $('find').onclick = () => openSwitcher(app);
}

export function drawChannels(app) {
  const { state } = app;
  drawUsers(state);
  const now = JSON.stringify([state.channels, state.channel]);
  if (now === channels) return;
  channels = now;
  arrange($('channels'), sections.flatMap(([kind, title, word, sign]) => [
    el('div', { className: 'section' }, el('h2', { textContent: title }), kind === 'D' ? el('button', {
      type: 'button', className: 'plus', textContent: '+', 'aria-label': 'Write to somebody', title: 'Write to somebody', key: 'plus', onclick: () => openSwitcher(app, true),
    }) : ''),
    ...state.channels.filter(c => c.kind === kind).map(c => entry(app, c, word, sign)),
  ]));
  const elsewhere = state.channels.filter(c => c.id !== state.channel).reduce((sum, c) => sum + c.mentions, 0), badge = $('menu').querySelector('.badge');
  badge.textContent = elsewhere;
  badge.hidden = elsewhere === 0;
}

function entry(app, channel, word, sign) {
  const unseen = words => el('span', { className: 'unseen', textContent: words });
  const { unread, mentions } = channel;
  // What the numbers count is said to those who hear them.
  const button = el('button', { type: 'button', key: 'channel' + channel.id, onclick: () => app.go(channel.id) },
    sign ? el('span', { className: 'sign', textContent: sign, 'aria-hidden': 'true' }) : avatar(channel.title, channel.bot),
    el('span', { className: 'name', textContent: channel.title }), unseen(`, ${word}${unread ? ', ' : ''}`),
    unread ? [el('span', { className: unread > mentions ? 'count' : 'unseen', textContent: unread }), unseen(' unread')] : '',
    mentions ? [unseen(', '), el('span', { className: 'badge', textContent: mentions }), unseen(' for you')] : '');
  button.classList.toggle('unread', unread > 0);
  if (channel.id === app.state.channel) button.setAttribute('aria-current', 'page');
  return button;
}

function drawUsers(state) {
  const now = JSON.stringify([state.users, state.user]);
  // Drawn anew it would close under the hand of whoever chooses.
  if (now === users) return;
  users = now;
  $('user').replaceChildren(...state.users.map(u => el('option', { value: u.name, textContent: `${u.name} · ${u.title}${u.mentions && u.name !== state.user ? ` (${u.mentions})` : ''}`, selected: u.name === state.user })));
  $('user').previousElementSibling.replaceWith(avatar(state.user, false));
}

/** Goes to the channel above or below, in the order of the list. */
export function moveChannel(app, step) {
  const order = sections.flatMap(([kind]) => app.state.channels.filter(c => c.kind === kind)), at = order.findIndex(c => c.id === app.state.channel);
  return app.go(order[(at + step + order.length) % order.length].id);
}
