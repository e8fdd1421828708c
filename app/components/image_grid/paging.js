// @ts-check
// Pages of classes: where not all have room, some are shown, and keys or the buttons below turn to the others.
const REST = 300; // milliseconds without another turn after which the page's script is told

/**
 * Position of the first class on the page that is shown.
 * @param {View} view
 * @param {PagedLayout} layout
 */
function pageStart(view, { classes }) {
  const last = view.head.class_names.length - 1;
  return Math.floor(Math.min(view.firstClass, last) / classes) * classes;
}

/** @param {View} view */
function isPaged({ head, layout }) {
  return Boolean(layout) && layout.classes < head.class_names.length;
}

/**
 * 'classes 26–50 of 100'
 * @param {View} view
 */
function pageText(view) {
  const [begin, count] = [pageStart(view, view.layout), view.head.class_names.length];
  const end = Math.min(count, begin + view.layout.classes);
  return begin + 1 === end ? `class ${end} of ${count}` : `classes ${begin + 1}\u2013${end} of ${count}`;
}

/** @param {View} view */
function showPager(view) {
  const { pager } = view;
  pager.hidden = !isPaged(view);
  if (pager.hidden) return;
  const begin = pageStart(view, view.layout);
  const [before, text, after] = /** @type {HTMLElement[]} */ ([...pager.children]);
  text.textContent = pageText(view);
  before.toggleAttribute('disabled', begin === 0);
  after.toggleAttribute('disabled', begin + view.layout.classes >= view.head.class_names.length);
}

/** @param {View} view */
function showLabel({ canvas, head, ...view }) {
  const shown = isPaged({ ...view, canvas, head }) ? ` Shown: ${pageText({ ...view, canvas, head })}.` : '';
  canvas.setAttribute('aria-label', `${head.alt}${shown}`);
}

/**
 * Turns to another page of classes.
 * @param {View} view
 * @param {number} pages forwards; backwards where it is negative
 * @returns whether there is one
 */
function turnPage(view, pages) {
  if (!isPaged(view)) return false;
  const begin = pageStart(view, view.layout) + pages * view.layout.classes;
  if (begin < 0 || begin >= view.head.class_names.length) return false;
  view.firstClass = begin;
  view.pointed = null;
  arrange(view);
  draw(view);
  showLabel(view);
  view.status.textContent = pageText(view);
  clearTimeout(view.turning);
  view.turning = setTimeout(() => view.send('first_class', view.firstClass), REST);
  return true;
}
