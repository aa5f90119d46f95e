// The dialogs that the bot opens.
import { $, el, markup, text } from './dom.js';

let shown = 'null';

export function drawDialog(app, dialog) {
  const now = JSON.stringify([app.state.user, dialog]);
  // As long as it is the same one, what was filled in stays.
  if (now === shown) return;
  shown = now;
  if (!dialog) $('dialog').close();
  else open(app, dialog);
}

function open(app, dialog) {
  const form = $('dialog').firstElementChild, fields = dialog.elements.map(field), wrong = el('p', { className: 'wrong', role: 'alert' });
  const cancel = () => app.act('dialog', { cancelled: true });
  form.replaceChildren(
    el('h2', { id: 'dialog-title', textContent: dialog.title }), markup('body', dialog.introduction),
    ...fields.map(f => f.node), wrong,
    el('menu', {}, el('button', { type: 'button', textContent: 'Cancel', onclick: cancel }), el('button', { className: 'go', textContent: dialog.submit })));
  form.onsubmit = async event => {
    event.preventDefault();
    wrong.textContent = '';
    if (!report(fields, Object.fromEntries(fields.map(f => [f.name, f.problem()])))) return;
    const answer = await app.act('dialog', { values: Object.fromEntries(fields.map(f => [f.name, f.value()])) }, message => { wrong.textContent = message; });
    report(fields, answer.errors ?? {});
  };
  $('dialog').oncancel = event => { event.preventDefault(); cancel(); };
  if (!$('dialog').open) $('dialog').showModal();
  form.querySelector('input, select, textarea')?.focus();
}

/** Shows each field's problem below it, and goes to the first; whether there is none. */
function report(fields, problems) {
  for (const field of fields) field.say(problems[field.name] ?? '');
  const first = fields.find(field => problems[field.name]);
  first?.focus();
  return !first;
}

function field(e) {
  const id = 'field-' + e.name, isChoice = e.type === 'radio';
  const input = (kinds[e.type] ?? kinds.text)(e, id);
  const inputs = isChoice ? [...input.querySelectorAll('input')] : [input];
  const error = el('span', { className: 'wrong', id: id + '-wrong', role: 'alert' });
  const mark = e.optional ? text('span', 'optional', ' (optional)') : el('span', { className: 'required', textContent: ' *', 'aria-hidden': 'true' });
  const help = e.help ? el('span', { className: 'small', id: id + '-help', textContent: e.help }) : '';
  for (const each of inputs) {
    each.setAttribute('aria-describedby', [help && id + '-help', error.id].filter(Boolean).join(' '));
    if (!e.optional && e.type !== 'bool') each.required = true;
  }
  const title = isChoice ? el('legend', {}, e.title, mark) : e.type === 'bool' ? '' : el('label', { htmlFor: id }, e.title, mark);
  const body = e.type === 'bool' ? el('label', { className: 'check' }, input, ' ', e.placeholder || e.title) : input;
  const value = () => e.type === 'bool' ? input.checked : isChoice ? inputs.find(each => each.checked)?.value ?? null : input.value || null;
  return {
    name: e.name,
    value,
    node: el(isChoice ? 'fieldset' : 'div', { className: 'field' }, title, body, help, error),
    focus: () => inputs[0].focus(),
    problem() {
      const given = value();
      if (e.type === 'bool') return '';
      if (given === null) return e.optional ? '' : 'This field is required.';
      if (e.least && given.length < Number(e.least)) return `At least ${e.least} characters.`;
      return input.validity?.typeMismatch || input.validity?.badInput ? input.validationMessage : '';
    },
    say(message) {
      error.textContent = message;
      for (const each of inputs) each.setAttribute('aria-invalid', String(!!message));
    },
  };
}

const limit = (input, e) => {
  if (e.most) input.maxLength = Number(e.most);
  return input;
};

const kinds = {
  text: (e, id) => limit(el('input', { id, type: e.subtype || 'text', placeholder: e.placeholder, value: e.value, autocomplete: 'off' }), e),
  textarea: (e, id) => limit(el('textarea', { id, rows: 4, placeholder: e.placeholder, value: e.value }), e),
  select: (e, id) => el('select', { id }, el('option', { value: '', textContent: e.placeholder || '…' }),
    e.options.map(o => el('option', { value: o.value, textContent: o.text, selected: o.value === e.value }))),
  bool: (e, id) => el('input', { id, type: 'checkbox', checked: e.value.toLowerCase() === 'true' }),
  radio: (e, id) => el('div', { id }, e.options.map(o => el('label', { className: 'check' },
    el('input', { name: e.name, type: 'radio', value: o.value, checked: o.value === e.value }), ' ', o.text))),
};
