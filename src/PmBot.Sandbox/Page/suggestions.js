// What can be completed while one types: commands, their verbs, people, channels.
import { el } from './dom.js';

const most = 8;
let boxes = 0;

/** What a text that ends at the caret could become: where the completed word begins, and the choices; or a note on what is typed. */
export function suggest(typed, { commands, state }) {
  const name = /(?:^|[\s(])([@~])([\w.-]*)$/.exec(typed);
  if (name) return names(typed, name[1], name[2].toLowerCase(), state);
  const [, trigger, space, verb, more] = /^\/(\S*)(\s+)?(\S*)([^]*)$/.exec(typed) ?? [];
  if (trigger === undefined) return null;
  if (!space) {
    return { from: 0, first: 0, items: commands.filter(c => c.trigger.startsWith(trigger)).map(c => ({ insert: `/${c.trigger} `, label: '/' + c.trigger, detail: c.description })) };
  }
  const command = commands.find(c => c.trigger === trigger);
  if (!command) return null;
  const from = 1 + trigger.length + space.length, word = verb.toLowerCase();
  if (!more) {
    const items = command.verbs.filter(v => v.name.startsWith(word)).map(v => ({ insert: v.name + ' ', label: v.usages[0], detail: v.does }));
    // With nothing typed the bare command is meant, until an arrow key says otherwise.
    return { from, first: word ? 0 : -1, items };
  }
  const known = command.verbs.find(v => v.name === word);
  return known ? { from, first: -1, items: [], note: { usages: known.usages.map(usage => `/${trigger} ${usage}`), does: known.does } } : null;
}

function names(typed, sign, word, state) {
  const from = typed.length - word.length - 1;
  const known = sign === '@'
    ? state.people.map(p => ({ insert: `@${p.name} `, label: '@' + p.name, detail: p.title + (p.bot ? ' (bot)' : ''), words: [p.name, ...p.title.split(' ')] }))
    : state.channels.filter(c => c.kind !== 'D').map(c => ({ insert: `~${c.name} `, label: '~' + c.name, detail: c.title, words: [c.name, ...c.title.split(' ')] }));
  return { from, first: 0, items: known.filter(k => k.words.some(w => w.toLowerCase().startsWith(word))) };
}

export class Suggestions {
  #app; #box; #list; #note; #offer = null; #chosen = -1;

  constructor(app, box) {
    this.#app = app;
    this.#box = box;
    this.#list = el('ul', { id: 'suggestions' + ++boxes, role: 'listbox', 'aria-label': 'Suggestions', hidden: true });
    this.#note = el('p', { className: 'note', hidden: true });
    this.node = el('div', { className: 'suggestions', hidden: true }, this.#list, this.#note);
    box.setAttribute('aria-autocomplete', 'list');
    box.setAttribute('aria-controls', this.#list.id);
  }

  update() {
    const { value, selectionStart } = this.#box;
    this.#offer = suggest(value.slice(0, selectionStart), this.#app);
    this.#chosen = this.#offer?.items.length ? this.#offer.first : -1;
    this.#draw();
  }

  close() {
    this.#offer = null;
    this.#chosen = -1;
    this.#draw();
  }

  /** Takes a key that is meant for the suggestions; whether it was. */
  press(event) {
    const items = this.#offer?.items ?? [];
    if (event.key === 'Escape' && this.#offer && (items.length || this.#offer.note)) this.close();
    else if (items.length === 0 || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return false;
    else if (event.key === 'ArrowDown') this.#choose((this.#chosen + 1) % items.length);
    else if (event.key === 'ArrowUp' && (this.#chosen >= 0 || !this.#box.value)) this.#choose((this.#chosen - 1 + items.length) % items.length);
    else if (event.key === 'Tab' && !event.shiftKey) this.#take(items[Math.max(this.#chosen, 0)]);
    else if (event.key === 'Enter' && !event.shiftKey && this.#chosen >= 0 && this.#adds(items[this.#chosen])) this.#take(items[this.#chosen]);
    else return false;
    event.preventDefault();
    return true;
  }

  // A word that is complete already is sent by Enter, not completed once more.
  #adds(item) {
    return this.#box.value.slice(this.#offer.from, this.#box.selectionStart).trim() !== item.insert.trim();
  }

  #choose(index) {
    this.#chosen = index;
    this.#draw();
  }

  #take(item) {
    const box = this.#box, { from } = this.#offer;
    box.setRangeText(item.insert, from, box.selectionStart, 'end');
    box.dispatchEvent(new Event('input', { bubbles: true }));
  }

  #draw() {
    const items = this.#offer?.items ?? [], note = this.#offer?.note;
    // Those around the chosen one, where there are too many to show.
    const start = Math.max(0, Math.min(this.#chosen - (most >> 1), items.length - most));
    this.#list.replaceChildren(...items.slice(start, start + most).map((item, n) => el('li', {
      id: `${this.#list.id}-${start + n}`, role: 'option', 'aria-selected': String(start + n === this.#chosen),
      // Before the box loses the focus, or the list would be gone at the click.
      onmousedown: event => { event.preventDefault(); this.#take(item); },
    }, el('b', { textContent: item.label }), ' ', el('span', { textContent: item.detail }))));
    if (items.length > most) this.#list.append(el('li', { className: 'more', role: 'presentation', textContent: `${items.length} in all: ↑ ↓, or type on` }));
    this.#list.hidden = items.length === 0;
    this.#note.hidden = !note;
    this.node.hidden = items.length === 0 && !note;
    this.#note.replaceChildren(...(note ? [...note.usages.map(usage => el('code', { textContent: usage })), note.does] : []));
    if (this.#chosen >= 0) this.#box.setAttribute('aria-activedescendant', `${this.#list.id}-${this.#chosen}`);
    else this.#box.removeAttribute('aria-activedescendant');
  }
}
