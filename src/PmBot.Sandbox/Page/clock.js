// The clock, and the ways to move it.
import { $ } from './dom.js';

const week = 7 * 24;

export function watchClock(app) {
  $('clock').onclick = event => {
    const { next, hours } = event.target.closest('button')?.dataset ?? {};
    if (next || hours) app.act('clock', { next, hours: hours && Number(hours) });
  };
  $('clock').onsubmit = event => { event.preventDefault(); app.act('clock', { local: $('at').value }); };
  $('play').onclick = () => {
    fold(false);
    app.act('clock', { hours: week, pause: Number($('pace').value) });
  };
  $('passing').querySelector('button').onclick = () => app.act('clock', { stop: true });
  $('clock-fold').onclick = () => fold(!document.body.classList.contains('clocked'));
}

function fold(open) {
  document.body.classList.toggle('clocked', open);
  $('clock-fold').setAttribute('aria-expanded', String(open));
}

export function drawClock({ now, brief, field, handoff, meeting, passing }) {
  $('now').textContent = now;
  $('brief').textContent = brief;
  if (document.activeElement !== $('at')) $('at').value = field;
  next('handoff', handoff);
  next('meeting', meeting);
  $('play').disabled = !!passing;
  $('passing').hidden = !passing;
  $('passing').classList.toggle('play', !!passing?.play);
  if (passing) $('passing').firstElementChild.textContent = `${passing.play ? 'Playing' : 'On the way'} until ${passing.until}${passing.latest ? ` · ${passing.latest}` : ''}`;
}

function next(what, coming) {
  const button = $('clock').querySelector(`[data-next=${what}]`);
  button.disabled = !coming;
  button.title = coming ? `${coming.title}: ${coming.at}` : 'Nothing is to come';
  button.querySelector('small').textContent = coming?.brief ?? '';
}
