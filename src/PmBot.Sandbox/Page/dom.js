// How nodes are made. What others wrote enters as text, or as HTML that the server has made safe: by `markup`, and nowhere else.

export const $ = id => document.getElementById(id);

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes('-') || name === 'role') node.setAttribute(name, value);
    else if (name === 'key') node.dataset.key = value;
    else node[name] = value;
  }
  node.append(...children.flat().filter(child => child !== null && child !== undefined && child !== ''));
  return node;
}

export const text = (tag, className, textContent) => textContent ? el(tag, { className, textContent }) : '';

/** HTML of the server's Markup as a node; '' if there is none. */
export function markup(className, safe) {
  if (!safe) return '';
  const node = el('div', { className, innerHTML: safe });
  // A head without words heads nothing, for those who hear it.
  for (const head of node.querySelectorAll('th:empty')) head.replaceWith(el('td'));
  // A table is scrolled within its post: the page itself never is sideways.
  for (const table of node.querySelectorAll('table')) {
    const frame = el('div', { className: 'table', tabIndex: 0, role: 'group', 'aria-label': 'Table' });
    table.replaceWith(frame);
    frame.append(table);
  }
  return node;
}

/** Gives a box exactly these children. Those that stay are not touched, so that they keep focus, selection and open menus. */
export function arrange(box, nodes) {
  const keep = new Set(nodes), focused = document.activeElement?.closest?.('[data-key]')?.dataset.key;
  const had = focused && box.contains(document.activeElement);
  let at = box.firstChild;
  const drop = () => { while (at && !keep.has(at)) { const next = at.nextSibling; at.remove(); at = next; } };
  for (const node of nodes) {
    drop();
    if (node === at) at = at.nextSibling;
    else box.insertBefore(node, at);
  }
  drop();
  if (had && !box.contains(document.activeElement)) box.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

/** Tells those who do not see the page what has come. */
export function announce(message) {
  $('said').textContent = message;
}

export function avatar(name, bot) {
  const letters = name.split(/[^a-z0-9]+/i).filter(Boolean).map(part => part[0]).slice(0, 2).join('').toUpperCase();
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % 6;
  return el('span', { className: bot ? 'avatar bot' : `avatar hue${hue}`, textContent: letters, 'aria-hidden': 'true' });
}
