// The page: what is shown (view), what the server says of it (state), and everything that is done. The parts draw; only this file asks.
import { $, announce, el, markup } from './dom.js';
import { Posts } from './posts.js';
import { Composer } from './composer.js';
import { drawChannels, moveChannel, watchSide } from './side.js';
import { drawClock, watchClock } from './clock.js';
import { drawDialog } from './dialog.js';
import { openSwitcher } from './switcher.js';
import { welcome } from './welcome.js';

// Each tab is somebody of its own, and stays so when it is loaded again.
const view = { user: '', channel: '', thread: '', entered: null, ...JSON.parse(sessionStorage.getItem('view') ?? '{}') };

const app = {
  view,
  state: null,
  commands: [],

  /** Does something in the user's name and shows what came of it; says so if it was refused. */
  async act(verb, body = {}, say = complain) {
    say('');
    try {
      const response = await fetch('/sandbox/' + verb, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ user: view.user, channel: view.channel, ...body }),
      });
      const answer = await response.json();
      if (answer.error) say(answer.error);
      await refresh();
      if (answer.gotoLocation) followLink(new URL(answer.gotoLocation, location.href));
      return answer;
    } catch (fault) {
      say('The sandbox did not answer: ' + fault.message);
      return { error: fault.message };
    }
  },

  go(channel, thread = '') {
    if (channel !== view.channel) Object.assign(view, { channel, entered: null });
    view.thread = thread;
    closeSide();
    return show();
  },

  async write(to) {
    const { channel } = await app.act('direct', { with: to });
    if (channel) await app.go(channel);
    main.focus();
  },

  /** Puts a text into the message box, to be looked at before it is sent. */
  put(text) {
    main.put(text);
  },

  openThread(root) {
    return app.go(view.channel, root).then(() => thread.focus());
  },

  /** Shows what was written last, in the channel or in the thread. */
  showEnd(root) {
    (root ? threadPosts : mainPosts).toEnd();
  },

  be(user) {
    Object.assign(view, { user, thread: '', entered: null });
    return show();
  },

  /** Goes to a post, wherever it is, and marks it. */
  async find(id) {
    const at = await app.act('find', { post: id });
    if (!at.channel) return;
    await app.go(at.channel, at.root);
    (at.root ? threadPosts : mainPosts).reveal(id);
  },
};

const mainPosts = new Posts(app, $('posts'));
const threadPosts = new Posts(app, $('thread').querySelector('.posts'));
const main = new Composer(app, { id: 'text', place: () => ({ channel: view.channel, root: '' }), label: () => 'Write to ' + (app.state?.title ?? '') });
const thread = new Composer(app, { id: 'reply', place: () => ({ channel: view.channel, root: view.thread }), label: () => 'Reply' });
$('main').append(main.node);
$('thread').append(thread.node);

function complain(message) {
  (view.thread && document.activeElement?.id === 'reply' ? thread : main).say(message);
}

async function show() {
  sessionStorage.setItem('view', JSON.stringify({ user: view.user, channel: view.channel, thread: view.thread }));
  await refresh();
}

// One question at a time; what changes meanwhile is asked for once more afterwards.
let asking = null, again = false, shown = '';
function refresh() {
  again = true;
  asking ??= (async () => {
    try {
      while (again) {
        again = false;
        await ask();
      }
    } finally {
      asking = null;
    }
  })();
  return asking;
}

async function ask() {
  const { user, channel, thread } = view;
  const answer = await (await fetch('/sandbox/state?' + new URLSearchParams({ user, channel, thread }))).text();
  // An answer to what was asked before the user or the channel was changed is out of date.
  if (user !== view.user || channel !== view.channel || thread !== view.thread) { again = true; return; }
  if (answer === shown) return;
  shown = answer;
  app.state = JSON.parse(answer);
  view.user = app.state.user;
  view.channel = app.state.channel;
  if (!app.state.thread) view.thread = '';
  draw();
  read();
}

function draw() {
  const { state } = app;
  view.entered ??= { read: state.read, sequence: state.sequence };
  drawClock(state.clock);
  drawChannels(app);
  const kind = { O: '# ', P: '🔒 ', D: '' }[state.channels.find(c => c.id === state.channel)?.kind] ?? '';
  $('title').textContent = kind + state.title;
  const mine = state.users.find(u => u.name === state.user)?.mentions;
  document.title = `${mine ? `(${mine}) ` : ''}${state.title} · ${state.user}`;
  $('about').replaceChildren(`${state.members} ${state.members === 1 ? 'member' : 'members'}`, markup('', state.header));
  main.draw();
  mainPosts.draw(state.posts, `${state.user} ${state.channel}`, view.entered);
  tellNews(state);
  drawThread(state.thread);
  drawDialog(app, state.dialog);
}

function drawThread(open) {
  document.body.classList.toggle('threaded', !!open);
  $('thread').hidden = !open;
  if (!open) return;
  $('thread').querySelector('h2 span').textContent = app.state.title;
  thread.draw();
  threadPosts.draw(open.posts, `${app.state.user} ${open.root}`, null);
}

let told = { place: '', sequence: 0 };
function tellNews(state) {
  const place = `${state.user} ${state.channel}`;
  const fresh = place === told.place ? [...state.posts, ...(state.thread?.posts ?? [])].filter(p => p.sequence > told.sequence && (p.news || p.ephemeral)) : [];
  told = { place, sequence: state.sequence };
  if (fresh.length === 0) return;
  const last = fresh.at(-1), body = markup('', last.html);
  announce(`${last.author}${last.ephemeral ? ', only visible to you' : ''}: ${(body.textContent ?? '').trim().slice(0, 160)}`);
}

/** What is on the screen counts as read. */
function read() {
  const { state } = app, here = state.channels.find(c => c.id === state.channel);
  const behind = here?.unread > 0 || state.thread?.posts.some(p => p.news && p.sequence > state.thread.read);
  if (behind && document.visibilityState === 'visible') app.act('read', { upTo: state.sequence, thread: state.thread?.root ?? '' }, () => {});
}

// Links

function followLink(url) {
  const post = url.origin === location.origin && /\/pl\/([a-z0-9]{26})$/.exec(url.pathname);
  if (post) app.find(post[1]);
  return !!post;
}

document.addEventListener('click', event => {
  const link = event.target.closest?.('a[href]');
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && followLink(new URL(link.href, location.href))) event.preventDefault();
});

// Live updates. A hidden tab lets go of its connection: a browser has only six for one server.

let events = null;
function listen() {
  events?.close();
  events = null;
  if (document.visibilityState !== 'visible') return;
  events = new EventSource('/sandbox/events');
  events.onmessage = () => refresh().then(() => lose(''), fault => lose(fault.message));
  events.onerror = () => lose('it tries again by itself');
}

function lose(why) {
  $('lost').hidden = !why;
  $('lost').textContent = why && `The sandbox does not answer (${why}).`;
}

document.addEventListener('visibilitychange', listen);

// Keys and panels

function closeSide() {
  document.body.classList.remove('sided');
  $('menu').setAttribute('aria-expanded', 'false');
}

$('menu').onclick = () => {
  const open = document.body.classList.toggle('sided');
  $('menu').setAttribute('aria-expanded', open);
  if (open) $('user').focus();
};

$('main').addEventListener('click', closeSide);

function closeThread() {
  const root = view.thread;
  return app.go(view.channel).then(() => ($('posts').querySelector(`[data-key="${root}thread"]`) ?? $('text')).focus());
}
$('thread').querySelector('.close').onclick = closeThread;

document.addEventListener('keydown', event => {
  if (document.querySelector('dialog[open]')) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openSwitcher(app);
  } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    event.preventDefault();
    moveChannel(app, event.key === 'ArrowUp' ? -1 : 1).then(() => main.focus());
  } else if (event.key === 'Escape' && !event.defaultPrevented) {
    if (document.body.classList.contains('sided')) { closeSide(); $('menu').focus(); }
    else if (view.thread) closeThread();
  }
});

document.querySelector('.skip').onclick = event => { event.preventDefault(); main.focus(); };

// Light and dark: the system's choice until the button makes another.

const wantsDark = matchMedia('(prefers-color-scheme: dark)');
function drawTheme() {
  const dark = (document.documentElement.dataset.theme || (wantsDark.matches ? 'dark' : 'light')) === 'dark';
  $('theme').textContent = dark ? '☀' : '☾';
  $('theme').ariaLabel = $('theme').title = dark ? 'Light' : 'Dark';
  return dark;
}
$('theme').onclick = () => {
  const theme = drawTheme() ? 'light' : 'dark';
  localStorage.setItem('theme', theme);
  document.documentElement.dataset.theme = theme;
  drawTheme();
};
wantsDark.onchange = drawTheme;

drawTheme();
watchSide(app);
watchClock(app);
welcome(app);
app.commands = await (await fetch('/sandbox/commands')).json();
const permalink = new URL(location.href);
if (permalink.pathname !== '/') history.replaceState(null, '', '/');
try {
  await refresh();
  main.focus();
  followLink(permalink);
} finally {
  listen();
}
