// @ts-check
// Still figures of a few SVG shapes; the style sheet and the page's theme give the colours.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {string} words text, never HTML
 */
const svgElement = (tag, attributes, words) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (words) node.textContent = words;
  return node;
};

/** @param {SmallFigure} figure */
const drawFigure = figure => {
  const svg = svgElement(
    'svg',
    {
      viewBox: `0 0 ${figure.width} ${figure.height}`,
      role: 'img',
      'aria-label': figure.name,
    },
    '',
  );
  for (const [tag, attributes, words, title] of figure.shapes) {
    const node = svgElement(tag, attributes, words);
    if (title) node.append(svgElement('title', {}, title));
    svg.append(node);
  }
  return svg;
};

/** @param {ComponentUpdate<{figures: SmallFigure[]}>} update */
export default function ({ data, parentElement }) {
  find(parentElement, '.figures').replaceChildren(...data.figures.map(drawFigure));
}
