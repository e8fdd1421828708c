// @ts-check
// Elements of a component, and what they take from the page. scripts.py puts this before every component's scripts.

/** @type {Record<string, Point>} */
const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/**
 * Finds an element of a component's page.
 * @param {ComponentRoot} parent
 * @param {string} selector
 */
const find = (parent, selector) => /** @type {HTMLElement} */ (parent.querySelector(selector));

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} name CSS class
 * @param {string} text
 * @param {HTMLElement} [parent]
 */
const element = (tag, name, text, parent) => {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text; // text, never HTML: names come from people's folders
  parent?.append(node);
  return node;
};

/**
 * The context of a canvas: null only where the canvas has one of another kind, which ours never have.
 * @param {HTMLCanvasElement} canvas
 */
const contextOf = canvas => /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));

/**
 * A property of the theme.
 * @param {CSSStyleDeclaration} style
 * @param {string} name
 */
const property = (style, name) => style.getPropertyValue(name).trim();

/**
 * The theme's colours of series.
 * @param {CSSStyleDeclaration} style
 */
const paletteOf = style =>
  property(style, '--st-chart-categorical-colors')
    .split(/,(?![^(]*\))/)
    .map(colour => colour.trim());

/**
 * The theme's colours of what is picked, of text and of what is behind it.
 * @param {CSSStyleDeclaration} style
 */
const coloursOf = style => ({
  primary: property(style, '--st-primary-color'),
  text: property(style, '--st-text-color'),
  backdrop: property(style, '--st-background-color'),
});

/** Font size of the page over 16 pixels: a presenter's page has larger type, and what is drawn grows with it. */
const fontScale = () => Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);

/**
 * With its thousands grouped.
 * @param {number} number
 */
const grouped = number => String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/**
 * An address with more of a query.
 * @param {string} address
 * @param {string} query
 */
const withQuery = (address, query) => `${address}${address.includes('?') ? '&' : '?'}${query}`;

/**
 * What a component returns to Streamlit, which also calls it when a newer update overtakes an earlier one: a node
 * that is still in the page goes on.
 * @param {Element} node
 * @param {() => void} stop
 */
const stopOnceRemoved = (node, stop) => () =>
  setTimeout(() => {
    if (!node.isConnected) stop();
  });
