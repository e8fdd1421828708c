// @ts-check
// Keys that a component takes anywhere on the page, unless the element that has the focus uses them itself.

const USES_LETTERS =
  'input:not([type="range"], [type="radio"]), textarea, select, [contenteditable="true"], [role="combobox"]';
const USES_PAGES = `${USES_LETTERS}, input[type="range"], [role="slider"], [role="option"]`;
const USES_ARROWS = `${USES_LETTERS}, input, [role="radio"], [role="option"], [role="slider"], [role="tab"]`;
const USES_SPACE = `${USES_ARROWS}, button, summary, a[href], [role="button"]`;

/**
 * Key that is pressed, a letter in lower case; empty where the browser or the focused element uses it.
 * @param {KeyboardEvent} event
 */
function freeKey(event) {
  const { key } = event;
  const isArrow = key in ARROWS;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return '';
  if ((event.shiftKey && (key === ' ' || isArrow)) || (event.repeat && !isArrow)) return '';
  const target = /** @type {Partial<Element>} */ (event.composedPath()[0]);
  const isPage = key === 'PageDown' || key === 'PageUp';
  const uses = key === ' ' ? USES_SPACE : isArrow ? USES_ARROWS : isPage ? USES_PAGES : USES_LETTERS;
  if (target.matches?.(uses)) return '';
  return key.length === 1 ? key.toLowerCase() : key;
}

/**
 * Does what a key means; one without a meaning here is left alone.
 * @param {KeyboardEvent} event
 * @param {Record<string, () => void>} actions by key
 */
function takeKey(event, actions) {
  const key = freeKey(event);
  if (!Object.hasOwn(actions, key)) return;
  event.preventDefault();
  actions[key]();
}
