// @ts-check
// Keyboard shortcuts of a page. The newest call's keys hold; there is one listener per mounted element.

/**
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {string[]} keys
 * @property {SendValue} send
 * @property {() => void} stop
 */

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();
const CONTAINER = '[data-testid="stElementContainer"]';
// elements that have their own use for the space bar, and for letters
const HANDLES_SPACE =
  'input, textarea, select, button, canvas, summary, a[href], [role="tab"], [role="button"], ' +
  '[contenteditable="true"], [role="radio"], [role="option"], [role="slider"], [role="combobox"]';
const HANDLES_TEXT =
  'input:not([type="range"]), textarea, select, [contenteditable="true"], [role="combobox"]';

/** @param {ComponentRoot} parent */
function mount(parent) {
  const view = /** @type {View} */ ({ root: find(parent, 'span') });
  const shadow = /** @type {Partial<ShadowRoot>} */ (view.root.getRootNode());
  const container = /** @type {HTMLElement | null | undefined} */ (
    shadow.host?.closest?.(CONTAINER) ?? parent.closest?.(CONTAINER)
  );
  if (container) container.style.position = 'absolute'; // nothing to see: take no room in the page
  /** @param {KeyboardEvent} event */
  const onKey = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const target = /** @type {Partial<Element>} */ (event.composedPath()[0]);
    if (!view.keys.includes(key) || target.matches?.(key === ' ' ? HANDLES_SPACE : HANDLES_TEXT)) return;
    event.preventDefault();
    view.send('pressed', { key });
  };
  window.addEventListener('keydown', onKey);
  view.stop = () => {
    window.removeEventListener('keydown', onKey);
    views.delete(parent);
  };
  views.set(parent, view);
  return view;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<{keys: string[]}>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  Object.assign(view, { keys: data.keys, send: setTriggerValue });
  return stopOnceRemoved(view.root, view.stop);
}
