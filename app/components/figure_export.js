// @ts-check
// Buttons of a figure's bar that download it: as SVG for papers, as PNG for slides. The file is in the colours
// on screen, on the page's ground, so that a dark page gives no pale writing on white.

/** @type {{format: 'svg' | 'png', title: string, icon: string, scale: number}[]} */
const EXPORTS = [
  { format: 'svg', title: 'Download as SVG', icon: 'disk', scale: 1 },
  { format: 'png', title: 'Download as PNG', icon: 'camera', scale: 3 },
];

/**
 * Name of a figure's file, without its ending: by its place on the page.
 * @param {HTMLElement} node
 */
function exportName(node) {
  const place = node.closest("[class*='st-key-']")?.className.match(/st-key-([\w-]+)/);
  return `dm-explorer-${place ? place[1].replaceAll('_', '-') : 'figure'}`;
}

/**
 * The buttons, for plotly's `modeBarButtonsToAdd`.
 * @param {PlotlyLibrary} plotly
 */
const exportButtons = plotly =>
  EXPORTS.map(({ format, title, icon, scale }) => ({
    ...{ name: `dm-${format}`, title, icon: plotly.Icons[icon] },
    /** @param {HTMLElement & {data: object[], layout: object}} figure */
    click(figure) {
      const ground = getComputedStyle(figure).getPropertyValue('--st-background-color');
      const { clientWidth: width, clientHeight: height, data, layout } = figure;
      const onGround = { data, layout: { ...layout, paper_bgcolor: ground } };
      return plotly.downloadImage(onGround, { format, scale, width, height, filename: exportName(figure) });
    },
  }));
