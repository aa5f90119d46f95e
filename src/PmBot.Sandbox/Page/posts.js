// Lists of posts: of a channel, of a thread.
import { $, arrange, avatar, el, markup, text } from './dom.js';

export const emojis = { heart: '❤️', repeat: '🔁', no_entry_sign: '🚫', '+1': '👍', white_check_mark: '✅', eyes: '👀' };

// As near to the end as this, one reads along: new posts are scrolled into view.
const nearEnd = 60;

export class Posts {
  #app; #box; #drawn = new Map(); #place = ''; #found = '';

  constructor(app, box) {
    this.#app = app;
    this.#box = box;
    if (box.id !== 'posts') return;
    box.addEventListener('scroll', () => { if (this.#atEnd()) $('latest').hidden = true; });
    $('latest').onclick = () => { this.toEnd(); box.focus(); };
  }

  /** Shows the posts, with a line above the first of those that were new when the place was entered. Nodes of what has not changed stay. */
  draw(posts, place, entered) {
    const box = this.#box, moved = place !== this.#place, stay = !moved && !this.#atEnd(), before = box.lastElementChild;
    if (moved) {
      this.#drawn.clear();
      this.#found = '';
    }
    this.#place = place;
    const drawn = new Map(), nodes = [];
    let day = '', lined = !entered?.read;
    for (const post of posts) {
      if (post.day !== day) nodes.push(this.#line(drawn, 'day' + (day = post.day), 'day', day));
      if (!lined && post.news && post.sequence > entered.read && post.sequence <= entered.sequence) {
        lined = true;
        nodes.push(this.#line(drawn, 'new', 'new', 'New'));
      }
      nodes.push(this.#keep(drawn, post.id, JSON.stringify(post), () => this.#post(post)));
    }
    if (nodes.length === 0) nodes.push(el('p', { className: 'empty', textContent: 'Nothing was written here yet.' }));
    this.#drawn = drawn;
    arrange(box, nodes);
    if (!stay) this.toEnd();
    const more = stay && before !== box.lastElementChild;
    if (box.id === 'posts' && (more || this.#atEnd())) $('latest').hidden = this.#atEnd();
  }

  /** Scrolls to a post and marks it, until another is looked for. */
  reveal(id) {
    this.#found = id;
    for (const marked of this.#box.querySelectorAll('.found')) marked.classList.remove('found');
    const node = this.#box.querySelector(`[data-post="${CSS.escape(id)}"]`);
    if (!node) return;
    node.classList.add('found');
    node.scrollIntoView({ block: 'center' });
    node.focus({ preventScroll: true });
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight < nearEnd;
  }

  toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
  }

  #keep(drawn, key, json, make) {
    const known = this.#drawn.get(key), kept = known?.json === json ? known : { json, node: make() };
    drawn.set(key, kept);
    return kept.node;
  }

  #line(drawn, key, className, label) {
    return this.#keep(drawn, key, label, () => el('div', { className: 'line ' + className, role: 'separator' }, el('span', { textContent: label })));
  }

  #post(post) {
    const node = el('article', { className: 'post', tabIndex: -1, 'aria-label': `${post.author}, ${post.at}` },
      avatar(post.author, post.bot && !post.ephemeral),
      el('div', { className: 'what' },
        el('div', { className: 'top' },
          el('b', { textContent: post.author }), post.bot && !post.ephemeral ? text('span', 'tag', 'BOT') : '',
          el('time', { textContent: post.time, title: post.at }),
          post.ephemeral ? text('span', 'only', 'Only visible to you') : ''),
        this.#body(post),
        post.attachments.map(a => attachment(this.#app, post, a)),
        post.files.map(file => el('details', {}, el('summary', { textContent: file.name }), el('pre', { textContent: file.text }))),
        this.#reactions(post), this.#thread(post)),
      post.ephemeral || post.system ? '' : this.#tools(post));
    node.dataset.post = post.id;
    for (const name of ['ephemeral', 'system']) node.classList.toggle(name, post[name]);
    node.classList.toggle('found', post.id === this.#found);
    for (const mention of node.querySelectorAll('.mention')) this.#mention(mention);
    return node;
  }

  /** Marks one's own name; a channel that one is in can be gone to. */
  #mention(mention) {
    const { view, state } = this.#app, name = mention.textContent, channel = state.channels.find(c => '~' + c.name === name);
    mention.classList.toggle('me', name === '@' + view.user);
    if (!channel) return;
    mention.replaceWith(el('a', { className: 'mention', href: '#', textContent: name, onclick: event => { event.preventDefault(); this.#app.go(channel.id); } }));
  }

  #body(post) {
    const body = markup('body', post.html);
    if (post.edited) {
      const edited = text('span', 'edited', ' Edited');
      // Behind the last words; after a table or a list that would be inside of it.
      (body && body.lastElementChild?.tagName === 'P' ? body.lastElementChild : body || el('div')).append(edited);
    }
    return body;
  }

  #react(post, emoji) {
    return this.#app.act('react', { post: post.id, emoji });
  }

  #reactions(post) {
    return post.reactions.length === 0 ? '' : el('div', { className: 'reactions' }, post.reactions.map(r => el('button', {
      type: 'button', title: `${r.who} reacted with :${r.emoji}:`, key: `${post.id}has${r.emoji}`, textContent: `${emojis[r.emoji] ?? `:${r.emoji}:`} ${r.count}`,
      'aria-label': `${r.emoji}, ${r.count}: ${r.who}`, 'aria-pressed': String(r.mine), onclick: () => this.#react(post, r.emoji),
    })));
  }

  #thread(post) {
    // In the thread itself the replies are seen.
    if (post.replies === 0 || this.#box.id !== 'posts') return '';
    return el('button', { type: 'button', className: 'replies', key: post.id + 'thread', onclick: () => this.#app.openThread(post.id) },
      el('span', { textContent: `${post.replies} ${post.replies === 1 ? 'reply' : 'replies'}` }),
      post.fresh ? text('span', 'fresh', `${post.fresh} new`) : '', text('span', 'last', 'last ' + post.last));
  }

  #tools(post) {
    const palette = el('span', { className: 'palette', hidden: true }, Object.entries(emojis).map(([name, sign]) => el('button', {
      type: 'button', title: name, 'aria-label': `React with ${name}`, textContent: sign, key: post.id + name,
      onclick: () => { unfold(false); this.#react(post, name); },
    })));
    const smile = el('button', { type: 'button', title: 'React', 'aria-label': 'React', 'aria-expanded': 'false', textContent: '☺', key: post.id + 'react', onclick: () => unfold(palette.hidden) });
    const unfold = open => {
      palette.hidden = !open;
      smile.setAttribute('aria-expanded', String(open));
      (open ? palette.firstElementChild : smile).focus();
    };
    const copy = el('button', { type: 'button', title: 'Copy the link', 'aria-label': 'Copy the link', textContent: '🔗', key: post.id + 'link' });
    copy.onclick = async () => {
      await navigator.clipboard.writeText(new URL(post.link, location.href).href);
      copy.textContent = '✓';
    };
    const tools = el('span', { className: 'tools' }, palette, smile,
      el('button', { type: 'button', title: 'Reply', 'aria-label': 'Reply', textContent: '↩', key: post.id + 'reply', onclick: () => this.#app.openThread(post.root || post.id) }), copy);
    tools.onkeydown = event => {
      if (event.key !== 'Escape' || palette.hidden) return;
      event.preventDefault();
      unfold(false);
    };
    return tools;
  }
}

function attachment(app, post, a) {
  const title = a.titleLink ? el('a', { href: a.titleLink, target: '_blank', rel: 'noreferrer', textContent: a.title }) : a.title;
  const box = el('div', { className: 'attachment' },
    text('div', 'small', a.authorName), a.title ? el('h3', {}, title) : '', markup('body', a.text),
    a.fields.length ? el('dl', { className: 'fields' }, a.fields.map(f => el('div', { className: f.isShort ? '' : 'long' }, el('dt', { textContent: f.title }), el('dd', {}, markup('body', f.html))))) : '',
    text('div', 'small', a.footer),
    a.actions.length ? el('div', { className: 'actions' }, a.actions.map(action => control(app, post, action))) : '');
  if (/^#[0-9a-f]{3,8}$/i.test(a.color)) box.style.borderInlineStartColor = a.color;
  return a.pretext ? el('div', {}, markup('body', a.pretext), box) : box;
}

function control(app, post, action) {
  const key = post.id + action.id, press = option => app.act('press', { post: post.id, action: action.id, option });
  if (action.menu) {
    return el('select', { key, 'aria-label': action.name, disabled: action.disabled, onkeydown: openByKey, onchange: event => event.target.value && press(event.target.value) },
      el('option', { value: '', textContent: action.name }),
      action.options.map(o => el('option', { value: o.value, textContent: o.text, selected: o.value === action.selected })));
  }
  return el('button', {
    key, type: 'button', textContent: action.name, className: action.style, disabled: action.disabled,
    // Disabled while it is on its way: a double click presses once.
    onclick: async event => {
      event.target.disabled = true;
      await press();
      event.target.disabled = action.disabled;
      if (document.activeElement === document.body) event.target.focus();
    },
  });
}

const knowsOpen = CSS.supports('selector(:open)');

/** A closed menu changes with each arrow key and each letter, and every change would be sent: the keys open it instead. */
function openByKey(event) {
  const changes = event.key.startsWith('Arrow') || ['Home', 'End', 'PageUp', 'PageDown'].includes(event.key) || event.key.trim().length === 1;
  if (!changes || event.ctrlKey || event.altKey || event.metaKey || !knowsOpen || event.target.matches(':open')) return;
  event.preventDefault();
  event.target.showPicker();
}
