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
 * An element of a drawing.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {Element} [parent]
 * @param {string} [text] never HTML
 */
const svgElement = (tag, attributes, parent, text = '') => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text) node.textContent = text;
  parent?.append(node);
  return node;
};

/**
 * Corners of a star around (0, 0), its mark for learned images everywhere: one points up.
 * @param {number} radius
 * @returns {Point[]}
 */
const starCorners = radius =>
  Array.from({ length: 10 }, (_, corner) => {
    const angle = (corner * Math.PI) / 5 - Math.PI / 2;
    const reach = corner % 2 ? 0.45 * radius : radius;
    return [reach * Math.cos(angle), reach * Math.sin(angle)];
  });

/**
 * Adds a star around (x, y) to a path.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
const addStar = (pen, x, y, radius) => {
  for (const [at, [right, down]] of starCorners(radius).entries())
    if (at) pen.lineTo(x + right, y + down);
    else pen.moveTo(x + right, y + down);
  pen.closePath();
};

/**
 * Colour of a signed value: `reach` and more is the strongest, 0 is neutral.
 * @param {number} value
 * @param {number} reach
 * @param {number[][]} scale colours of minus, zero and plus
 */
const signedColour = (value, reach, [minus, zero, plus]) => {
  const share = Math.min(1, Math.abs(value) / reach);
  const end = value < 0 ? minus : plus;
  return zero.map((level, channel) => Math.round(level + share * (end[channel] - level)));
};

/**
 * The context of a canvas: null only where the canvas has one of another kind, which ours never have.
 * @param {HTMLCanvasElement} canvas
 */
const contextOf = canvas => /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));

/**
 * Fits a canvas to its place on the screen.
 * @param {HTMLCanvasElement} canvas
 * @returns its context in CSS pixels, its size in them, and how many of the screen's pixels each has
 */
const fitCanvas = canvas => {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = contextOf(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height, ratio };
};

/**
 * A property of the theme; of a colour for each of light and dark, the one of the two that is shown.
 * @param {CSSStyleDeclaration} style
 * @param {string} name
 */
const property = (style, name) => {
  const value = style.getPropertyValue(name).trim();
  const pair = /^light-dark\(([^,]+),([^)]+)\)$/.exec(value);
  return pair ? pair[style.colorScheme === 'dark' ? 2 : 1].trim() : value;
};

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

/** Whether the reader prefers less motion: still frames, and a button for the next one. */
const reducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

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
 * Lights what has the attribute `data-term` of a name, here and in all who listen; empty: nothing.
 * @param {string} term
 */
const lightTerm = term => window.dispatchEvent(new CustomEvent('dm-term', { detail: term }));

/**
 * Links the terms in a part of the page to those everywhere: to point at one, or to focus it, gives all of its
 * name the class `lit`.
 * @param {AbortSignal} signal that ends it
 * @param {ParentNode & EventTarget} root
 * @param {(term: string) => void} [onTerm] called with the term that is lit, empty when none is any more
 */
const linkTerms = (signal, root, onTerm) => {
  /** @param {Event} event */
  const termOf = ({ target }) =>
    target instanceof Element ? (target.closest('[data-term]')?.getAttribute('data-term') ?? '') : '';
  for (const type of ['pointerover', 'focusin'])
    root.addEventListener(type, event => termOf(event) && lightTerm(termOf(event)), { signal });
  for (const type of ['pointerout', 'focusout'])
    root.addEventListener(type, event => termOf(event) && lightTerm(''), { signal });
  window.addEventListener(
    'dm-term',
    ({ detail }) => {
      for (const node of root.querySelectorAll('[data-term]'))
        node.classList.toggle('lit', detail !== '' && node.getAttribute('data-term') === detail);
      onTerm?.(detail);
    },
    { signal },
  );
};
