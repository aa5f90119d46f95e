// A box to write in: into a channel, or into a thread.
import { el } from './dom.js';
import { Suggestions } from './suggestions.js';

export class Composer {
  #app; #where; #box; #file; #files; #error; #suggestions;
  #key = ''; #drafts = new Map(); #typed = new Map(); #back = 0;

  constructor(app, where) {
    this.#app = app;
    this.#where = where;
    this.#box = el('textarea', { id: where.id, rows: 1, autocomplete: 'off', spellcheck: true });
    this.#file = el('input', { type: 'file', className: 'unseen', 'aria-label': 'Attach a file of text', onchange: () => this.#showFiles() });
    this.#files = el('span', { className: 'small' });
    this.#error = el('p', { className: 'wrong', role: 'alert', hidden: true });
    this.#suggestions = new Suggestions(app, this.#box);
    this.node = el('form', { className: 'write' }, this.#error, this.#suggestions.node, el('div', { className: 'box' }, this.#box,
      el('div', { className: 'below' }, el('label', { className: 'attach', title: 'Attach a file of text' }, '📎', this.#file), this.#files,
        el('span', { className: 'hint', textContent: 'Enter sends, Shift+Enter is a new line' }),
        el('button', { className: 'send', 'aria-label': 'Send', title: 'Send', textContent: '➤' }))));
    this.node.onsubmit = event => { event.preventDefault(); this.#send(); };
    this.#box.onkeydown = event => this.#press(event);
    this.#box.oninput = () => { this.#drafts.set(this.#key, this.#box.value); this.#suggestions.update(); };
    this.#box.onblur = () => this.#suggestions.close();
  }

  /** Shows the draft of whoever is looking, for the place that is looked at. */
  draw() {
    const { channel, root } = this.#where.place(), key = [this.#app.view.user, channel, root].join(' ');
    this.#box.placeholder = this.#box.ariaLabel = this.#where.label();
    if (key === this.#key) return;
    this.#key = key;
    this.#box.value = this.#drafts.get(key) ?? '';
    this.#back = this.#history().length;
    this.#suggestions.close();
    this.say('');
  }

  focus() {
    this.#box.focus();
  }

  put(text) {
    this.#box.value = text;
    this.#drafts.set(this.#key, text);
    this.focus();
  }

  say(message) {
    this.#error.textContent = message || '';
    this.#error.hidden = !message;
  }

  #history() {
    const { user } = this.#app.view;
    if (!this.#typed.has(user)) this.#typed.set(user, []);
    return this.#typed.get(user);
  }

  #showFiles() {
    this.#files.textContent = [...this.#file.files].map(file => file.name).join(', ');
  }

  #press(event) {
    if (this.#suggestions.press(event)) return;
    const box = this.#box, typed = this.#history();
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#send();
    } else if (event.key === 'ArrowUp' && this.#back > 0 && (!box.value || box.value === typed[this.#back])) {
      event.preventDefault();
      box.value = typed[--this.#back];
    }
  }

  async #send() {
    const text = this.#box.value, { channel, root } = this.#where.place(), attached = [...this.#file.files], key = this.#key;
    if (!text.trim() && attached.length === 0) return;
    this.#suggestions.close();
    const typed = this.#history();
    if (text.trim() && typed.at(-1) !== text) typed.push(text);
    this.#back = typed.length;
    this.#box.value = this.#file.value = '';
    this.#drafts.delete(key);
    this.#showFiles();
    const files = await Promise.all(attached.map(async file => ({ name: file.name, text: await file.text() })));
    // What was refused of a command is shown as a post already; anything else comes back into the box: nothing typed is lost.
    const shown = text.startsWith('/') && files.length === 0;
    this.say('');
    const { error } = await this.#app.act('type', { text, channel, root, files }, message => { if (!shown) this.say(message); });
    if (error && !shown && key === this.#key && !this.#box.value) this.put(text);
    if (!error) this.#app.showEnd(root);
    this.focus();
  }
}
