// Finds a channel to go to, or somebody to write to.
import { $, avatar, el } from './dom.js';

const most = 9;

export function openSwitcher(app, onlyPeople = false) {
  const { state } = app, box = $('switcher');
  const channels = onlyPeople ? [] : state.channels.filter(c => c.kind !== 'D').map(c => ({
    title: c.title, detail: '~' + c.name, sign: el('span', { className: 'sign', textContent: c.kind === 'P' ? '🔒' : '#' }), unread: c.unread, go: () => app.go(c.id),
  }));
  const people = state.people.filter(p => p.name !== state.user).map(p => ({
    title: p.name, detail: p.title + (p.bot ? ' (bot)' : ''), sign: avatar(p.name, p.bot), unread: 0, go: () => app.write(p.name),
  }));
  let found = [], chosen = 0;
  const input = el('input', { type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'found', 'aria-autocomplete': 'list', 'aria-label': 'Name', placeholder: onlyPeople ? 'Whom to write to' : 'Channel or person', autocomplete: 'off' });
  const list = el('ul', { id: 'found', role: 'listbox', 'aria-label': 'Found' });
  const take = item => { box.close(); item.go(); };
  const draw = () => {
    list.replaceChildren(...found.map((item, n) => el('li', { id: 'found-' + n, role: 'option', 'aria-selected': String(n === chosen), onclick: () => take(item) },
      item.sign, el('b', { textContent: item.title }), ' ', el('span', { textContent: item.detail }))));
    if (found.length === 0) list.append(el('li', { className: 'more', role: 'presentation', textContent: 'Nobody and nothing is called so.' }));
    input.setAttribute('aria-activedescendant', found.length ? 'found-' + chosen : '');
  };
  const look = () => {
    const word = input.value.trim().replace(/^[@~#]/, '').toLowerCase();
    found = [...channels, ...people].filter(item => `${item.title} ${item.detail}`.toLowerCase().includes(word))
      .sort((a, b) => (b.unread > 0) - (a.unread > 0)).slice(0, most);
    chosen = 0;
    draw();
  };
  input.oninput = look;
  input.onkeydown = event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      chosen = (chosen + step + found.length) % found.length;
      draw();
    } else if (event.key === 'Enter' && found.length) take(found[chosen]);
    else return;
    event.preventDefault();
  };
  box.replaceChildren(el('h2', { textContent: onlyPeople ? 'Write to somebody' : 'Find a channel or person' }), input, list);
  look();
  box.showModal();
}
