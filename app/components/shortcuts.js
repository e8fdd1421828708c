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

/** @param {ComponentRoot} parent */
function mount(parent) {
  const view = /** @type {View} */ ({ root: find(parent, 'span') });
  const shadow = /** @type {Partial<ShadowRoot>} */ (view.root.getRootNode());
  const container = /** @type {HTMLElement | null | undefined} */ (
    shadow.host?.closest?.(CONTAINER) ?? parent.closest?.(CONTAINER)
  );
  if (container) container.style.position = 'absolute'; // nothing to see: take no room in the page
  const signal = keepMounted(views, parent, view);
  window.addEventListener(
    'keydown',
    event => {
      const key = freeKey(event);
      if (!view.keys.includes(key)) return;
      event.preventDefault();
      view.send('pressed', { key });
    },
    { signal },
  );
  return view;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<{keys: string[]}>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  Object.assign(view, { keys: data.keys, send: setTriggerValue });
  view.root.dataset.keys = data.keys.join(' '); // from now on a key is heard
  return stopOnceRemoved(view.root, view.stop);
}
