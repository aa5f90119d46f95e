// Everything that others wrote enters either as text, or as HTML that the server has made safe (fields named html, header, text…).
const $ = id => document.getElementById(id);
const emojis = { heart: '❤️', repeat: '🔁', no_entry_sign: '🚫', '+1': '👍', white_check_mark: '✅', eyes: '👀' };
const read = {}, drafts = {}, typed = [];
let state = {}, shown = '', user = '', channel = '', root = '', dialogShown = 'null', back = 0;

function el(tag, props, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter(child => child !== null && child !== undefined && child !== ''));
  return node;
}
const html = (className, innerHTML) => innerHTML ? el('div', { className, innerHTML }) : '';

function say(message) {
  $('error').textContent = message || '';
  $('error').hidden = !message;
}

async function send(verb, body) {
  say('');
  try {
    const response = await fetch('/sandbox/' + verb, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ user, channel, ...body }),
    });
    const answer = await response.json();
    // A refused command is shown as an ephemeral post already.
    if (answer.error && !(body.text || '').startsWith('/')) say(answer.error);
    await refresh();
    return answer;
  } catch (fault) {
    say('The sandbox did not answer: ' + fault.message);
    return {};
  }
}

async function refresh() {
  const asked = [user, channel].join();
  const text = await (await fetch('/sandbox/state?' + new URLSearchParams({ user, channel }))).text();
  // An answer to what was asked before the user or the channel was changed is out of date.
  if (text === shown || asked !== [user, channel].join()) return;
  shown = text;
  state = JSON.parse(text);
  ({ user, channel } = state);
  render();
}

function render() {
  $('now').textContent = state.now;
  if (document.activeElement !== $('at')) $('at').value = state.field;
  $('user').replaceChildren(...state.users.map(u => el('option', { value: u.name, textContent: u.title, selected: u.name === user })));
  read[user] ??= {};
  read[user][channel] = state.channels.find(c => c.id === channel)?.last ?? 0;
  const list = (title, kinds) => [el('h2', { textContent: title }), ...state.channels.filter(c => kinds.includes(c.kind)).map(c => {
    const button = el('button', { type: 'button', textContent: { O: '# ', P: '🔒 ', D: '@ ' }[c.kind] + c.title, onclick: () => go(c.id) });
    button.classList.toggle('unread', c.last > (read[user][c.id] ?? 0));
    if (c.id === channel) button.setAttribute('aria-current', 'page');
    return button;
  })];
  $('channels').replaceChildren(...list('Channels', 'OP'), ...list('Direct messages', 'D'));
  $('title').textContent = document.title = state.title;
  $('header').innerHTML = state.header;
  $('text').placeholder = 'Write to ' + state.title;

  const box = $('posts'), atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40, top = box.scrollTop;
  const focused = document.activeElement?.dataset?.key;
  box.replaceChildren(...state.posts.map(post));
  box.scrollTop = atEnd || box.dataset.channel !== channel ? box.scrollHeight : top;
  box.dataset.channel = channel;
  if (focused) box.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();

  const dialog = JSON.stringify(state.dialog);
  if (dialog !== dialogShown) {
    dialogShown = dialog;
    state.dialog ? openDialog(state.dialog) : $('dialog').close();
  }
}

function post(p) {
  const react = emoji => send('react', { post: p.id, emoji });
  const reply = () => { root = p.root || p.id; $('replying').hidden = false; $('replying').firstChild.textContent = 'Replying to ' + p.author; $('text').focus(); };
  const tools = p.ephemeral || p.system ? '' : el('span', { className: 'tools' },
    ...Object.keys(emojis).map(e => keyed(el('button', { type: 'button', title: e, textContent: emojis[e], onclick: () => react(e) }), p.id + e)),
    keyed(el('button', { type: 'button', textContent: 'Reply', onclick: reply }), p.id + 'reply'));
  const article = el('article', { className: 'post' },
    el('div', { className: 'top' }, el('b', { textContent: p.author }), p.bot && !p.ephemeral ? el('span', { className: 'tag', textContent: 'BOT' }) : '',
      el('span', { className: 'small', textContent: [p.time, p.edited && 'edited', p.ephemeral && 'Only visible to you'].filter(Boolean).join(' · ') }), tools),
    html('body', p.html), ...p.attachments.map(a => attachment(p, a)),
    ...p.files.map(f => el('details', {}, el('summary', { textContent: f.name }), el('pre', { textContent: f.text }))),
    p.reactions.length ? el('div', { className: 'reactions' }, ...p.reactions.map(r => {
      const button = el('button', { type: 'button', title: r.who, textContent: `${emojis[r.emoji] ?? ':' + r.emoji + ':'} ${r.count}`, onclick: () => react(r.emoji) });
      button.setAttribute('aria-pressed', r.mine);
      return button;
    })) : '');
  for (const name of ['ephemeral', 'system']) article.classList.toggle(name, p[name]);
  article.classList.toggle('reply', !!p.root);
  return article;
}

function keyed(node, key) {
  node.dataset.key = key;
  return node;
}

function attachment(p, a) {
  const title = a.titleLink ? el('a', { href: a.titleLink, target: '_blank', rel: 'noreferrer', textContent: a.title }) : a.title;
  const box = el('div', { className: 'attachment' },
    a.authorName ? el('div', { className: 'small', textContent: a.authorName }) : '', a.title ? el('h3', {}, title) : '', html('body', a.text),
    a.fields.length ? el('div', { className: 'fields' }, ...a.fields.map(f => el('div', { className: f.isShort ? '' : 'long' }, el('b', { textContent: f.title }), html('body', f.html)))) : '',
    a.footer ? el('div', { className: 'small', textContent: a.footer }) : '',
    a.actions.length ? el('div', { className: 'actions' }, ...a.actions.map(action => keyed(control(p, action), p.id + action.id))) : '');
  if (/^#[0-9a-f]{3,8}$/i.test(a.color)) box.style.borderLeftColor = a.color;
  return a.pretext ? el('div', {}, html('body', a.pretext), box) : box;
}

function control(p, action) {
  if (!action.menu) {
    const press = async event => { event.target.disabled = true; await send('press', { post: p.id, action: action.id }); event.target.disabled = action.disabled; };
    return el('button', { type: 'button', textContent: action.name, className: action.style, disabled: action.disabled, onclick: press });
  }
  return el('select', { ariaLabel: action.name, disabled: action.disabled, onchange: event => event.target.value && send('press', { post: p.id, action: action.id, option: event.target.value }) },
    el('option', { value: '', textContent: action.name }),
    ...action.options.map(o => el('option', { value: o.value, textContent: o.text, selected: o.value === action.selected })));
}

function openDialog(d) {
  const form = $('dialog').firstElementChild;
  const wrong = el('p', { className: 'wrong', role: 'alert' });
  const cancel = el('button', { type: 'button', textContent: 'Cancel', onclick: () => send('dialog', { cancelled: true }) });
  form.replaceChildren(el('h3', { textContent: d.title }), html('body', d.introduction), ...d.elements.map(field), wrong, el('menu', {}, cancel, el('button', { textContent: d.submit })));
  form.onsubmit = async event => {
    event.preventDefault();
    const values = Object.fromEntries(d.elements.map(e => [e.name, e.type === 'bool' ? form.elements[e.name].checked : form.elements[e.name].value || null]));
    const answer = await send('dialog', { values });
    wrong.textContent = answer.error || '';
    for (const e of d.elements) form.querySelector(`[data-error="${CSS.escape(e.name)}"]`).textContent = answer.errors?.[e.name] ?? '';
  };
  $('dialog').oncancel = event => { event.preventDefault(); cancel.click(); };
  if (!$('dialog').open) $('dialog').showModal();
}

function field(e) {
  const props = { name: e.name, required: !e.optional && e.type !== 'bool', placeholder: e.placeholder };
  const make = {
    textarea: () => el('textarea', { ...props, rows: 4, value: e.value }),
    select: () => el('select', props, el('option', { value: '', textContent: e.placeholder || '…' }), ...e.options.map(o => el('option', { value: o.value, textContent: o.text, selected: o.value === e.value }))),
    bool: () => el('input', { name: e.name, type: 'checkbox', checked: e.value.toLowerCase() === 'true' }),
    radio: () => el('fieldset', {}, ...e.options.map(o => el('label', {}, el('input', { name: e.name, type: 'radio', value: o.value, required: !e.optional, checked: o.value === e.value }), ' ', o.text))),
  }[e.type] ?? (() => el('input', { ...props, type: e.subtype || 'text', value: e.value }));
  const input = make();
  if (e.most && 'maxLength' in input) input.maxLength = e.most;
  const error = el('span', { className: 'wrong', role: 'alert' });
  error.dataset.error = e.name;
  const help = e.help ? el('span', { className: 'small', textContent: e.help }) : '';
  return el(e.type === 'radio' ? 'div' : 'label', {}, el('span', { textContent: e.title + (e.optional ? ' (optional) ' : ' ') }), input, help, ' ', error);
}

function go(id) {
  drafts[channel] = $('text').value;
  channel = id;
  $('text').value = drafts[id] ?? '';
  stopReplying();
  $('side').classList.remove('open');
  refresh();
}

function stopReplying() {
  root = '';
  $('replying').hidden = true;
}

$('user').onchange = event => { user = event.target.value; stopReplying(); refresh(); };
$('menu').onclick = () => $('side').classList.toggle('open');
$('replying').querySelector('button').onclick = () => { stopReplying(); $('text').focus(); };
$('clock').onclick = event => {
  const { next, hours } = event.target.dataset;
  if (next || hours) send('clock', { next, hours: hours && Number(hours) });
};
$('clock').onsubmit = event => { event.preventDefault(); send('clock', { local: $('at').value }); };
$('text').onkeydown = event => {
  const box = event.target;
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    const text = box.value, attached = [...$('file').files], thread = root;
    if (!text.trim() && !attached.length) return;
    typed.push(text);
    back = typed.length;
    box.value = $('file').value = '';
    Promise.all(attached.map(async f => ({ name: f.name, text: await f.text() }))).then(files => send('type', { text, root: thread, files }));
    stopReplying();
  } else if (event.key === 'ArrowUp' && back > 0 && (!box.value || box.value === typed[back])) {
    event.preventDefault();
    box.value = typed[--back];
  }
};

let lost = false;
async function poll() {
  try {
    await refresh();
    if (lost) say('');
    lost = false;
  } catch (fault) {
    lost = true;
    say('The sandbox does not answer: ' + fault.message);
  }
  setTimeout(poll, 1000);
}
poll();
