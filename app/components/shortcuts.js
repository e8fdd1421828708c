// @ts-check
// Keyboard shortcuts of a page. The newest call's keys hold; there is one listener per mounted element.

/**
 * @typedef {object} Shortcuts
 * @property {string[]} keys
 * @property {boolean} scrolls whether Page Down and Page Up show the rest of the page before they are sent
 */

/**
 * @typedef {Shortcuts & {root: HTMLElement, send: SendValue, stop: () => void}} View
 */

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();
const CONTAINER = '[data-testid="stElementContainer"]';
const SCREEN_SHARE = 0.85; // of the window that a page key scrolls by

/** @param {ComponentRoot} parent */
function mount(parent) {
  const view = /** @type {View} */ ({ root: find(parent, 'span') });
  const shadow = /** @type {Partial<ShadowRoot>} */ (view.root.getRootNode());
  const container = /** @type {HTMLElement | null | undefined} */ (
    shadow.host?.closest?.(CONTAINER) ?? parent.closest?.(CONTAINER)
  );
  if (container) container.style.position = 'absolute'; // nothing to see: take no room in the page
  const signal = keepMounted(views, parent, view);
  window.addEventListener('keydown', event => press(view, event), { signal });
  return view;
}

/**
 * @param {View} view
 * @param {KeyboardEvent} event
 */
function press(view, event) {
  const key = freeKey(event);
  if (!view.keys.includes(key)) return;
  event.preventDefault();
  if (view.scrolls && scrollPage(key)) return;
  view.send('pressed', { key });
}

/**
 * Scrolls to more of the page; false where the key is none for that, or there is no more.
 * @param {string} key
 */
function scrollPage(key) {
  const page = document.querySelector('[data-testid="stMain"]');
  const down = key === 'PageDown';
  if (!page || !(down || key === 'PageUp')) return false;
  const left = down ? page.scrollHeight - page.clientHeight - page.scrollTop : page.scrollTop;
  if (left < 2) return false;
  page.scrollBy({ top: (down ? 1 : -1) * SCREEN_SHARE * page.clientHeight });
  return true;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<Shortcuts>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  Object.assign(view, data, { send: setTriggerValue });
  view.root.dataset.keys = data.keys.join(' '); // from now on a key is heard
  return stopOnceRemoved(view.root, view.stop);
}
