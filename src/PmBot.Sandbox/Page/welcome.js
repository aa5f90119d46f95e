// The first steps, for whoever is here for the first time.
import { $, el } from './dom.js';

const key = 'welcome';

export function welcome(app) {
  const box = $('welcome');
  const sample = text => el('button', { type: 'button', className: 'sample', title: 'Put it into the message box', textContent: text, onclick: () => app.put(text) });
  const clock = (label, selector) => el('button', { type: 'button', className: 'sample', textContent: label, onclick: () => $('clock').querySelector(selector).click() });
  const close = () => {
    localStorage.setItem(key, 'seen');
    box.hidden = true;
    $('text').focus();
  };
  box.append(
    el('h2', { textContent: 'A small team, its bot, and a clock that you move' }),
    el('ol', {},
      el('li', {}, clock('Next handoff', '[data-next=handoff]'), ' The duty changes hands on Monday at 09:00. Choose whom it mentions at “You are”, and press “I\'ve got it”.'),
      el('li', {}, sample('/cr-assign auto --dry-run'), ' Three requests wait. Type / and see what else the bot understands.'),
      el('li', {}, sample('#cr Dark mode for the mobile app'), ' As sam.sales: a post becomes a request. As somebody else, press “Take”.'),
      el('li', {}, clock('Next meeting', '[data-next=meeting]'), ' The agenda came at 08:00: press “Start the meeting” below it, and open its thread.'),
      el('li', {}, clock('▶ Play a week', '#play'), ' Seven days, with a halt wherever something happens.')),
    el('button', { type: 'button', className: 'close', 'aria-label': 'Close the first steps', textContent: '✕', onclick: close }));
  box.hidden = localStorage.getItem(key) === 'seen';
  $('help').onclick = () => { box.hidden = !box.hidden; };
}
