// @ts-check
// Still figures of a few SVG shapes; the style sheet and the page's theme give the colours.

/** @param {SmallFigure} figure */
const drawFigure = figure => {
  const svg = svgElement('svg', {
    viewBox: `0 0 ${figure.width} ${figure.height}`,
    role: 'img',
    'aria-label': figure.name,
  });
  for (const [tag, attributes, words, title] of figure.shapes) {
    const node = svgElement(tag, attributes, svg, words);
    if (title) svgElement('title', {}, node, title);
  }
  return svg;
};

/** @param {ComponentUpdate<{figures: SmallFigure[], most: number}>} update */
export default function ({ data, parentElement }) {
  const root = find(parentElement, '.figures');
  root.style.maxWidth = `${data.most}px`;
  root.replaceChildren(...data.figures.map(drawFigure));
}
