// @ts-check
// The network's training between two matching steps: loss and share of recognised images, an epoch after the other.

const CHART = { width: 300, height: 64, left: 4, right: 118, top: 6, bottom: 6 };

/**
 * Points of a line over epochs; the largest value is at the top, 0 at the bottom.
 * @param {number[]} values
 * @param {number} largest
 */
function linePoints(values, largest) {
  const { width, height, left, right, top, bottom } = CHART;
  const across = width - left - right;
  const down = height - top - bottom;
  return values.map((value, index) => [
    left + (values.length > 1 ? (across * index) / (values.length - 1) : across),
    top + down * (1 - value / largest),
  ]);
}

/** @param {View} view */
function showTraining({ root, head }) {
  const { epochs, epochs_before: before, next_loss: next, outer_steps: steps } = head.scene;
  const caption = find(root, '.training figcaption');
  const chart = find(root, '.training svg');
  chart.replaceChildren();
  caption.replaceChildren(element('b', '', 'the network’s training'));
  chart.toggleAttribute('hidden', !epochs.length);
  if (!epochs.length) {
    caption.append(steps === 1 ? ': none with one matching step' : ': none after the last matching step');
    return;
  }
  caption.append(`, ${grouped(epochs.length)} epoch${epochs.length === 1 ? '' : 's'}`);
  chart.setAttribute('width', String(CHART.width));
  chart.setAttribute('height', String(CHART.height));
  const last = epochs[epochs.length - 1];
  const bottom = CHART.height - CHART.bottom;
  svgElement('path', { class: 'axis', d: `M${CHART.left} ${bottom}H${CHART.width - CHART.right}` }, chart);
  const worst = Math.max(...epochs.map(({ loss }) => loss), 1e-12);
  const lines = /** @type {[string, string, number[], number][]} */ ([
    ['loss', `loss ${brief(last.loss)}`, epochs.map(({ loss }) => loss), worst],
    ['right', `${Math.round(100 * last.accuracy)} % recognised`, epochs.map(each => each.accuracy), 1],
  ]);
  const ends = lines.map(([, , values, largest]) => linePoints(values, largest).at(-1)?.[1] ?? 0);
  const apart = Math.max(0, 14 - Math.abs(ends[0] - ends[1])) / 2; // of labels that would lie on each other
  for (const [index, [name, label, values, largest]] of lines.entries()) {
    const points = linePoints(values, largest);
    const [x, y] = points[points.length - 1];
    if (points.length > 1) svgElement('polyline', { class: name, points: points.join(' ') }, chart);
    svgElement('circle', { class: name, cx: x, cy: y, r: 3 }, chart);
    const lower = ends[index] > ends[1 - index] || (ends[0] === ends[1] && index > 0);
    svgElement('text', { class: name, x: x + 8, y: y + 4 + (lower ? apart : -apart) }, chart, label);
  }
  if (before && next !== null) {
    const [x] = linePoints(
      epochs.map(() => 0),
      1,
    )[before - 1];
    svgElement('path', { class: 'now', d: `M${x} ${CHART.top}V${bottom}` }, chart);
  }
  chart.setAttribute(
    'aria-label',
    `Over ${epochs.length} epochs the loss goes from ${brief(epochs[0].loss)} to ${brief(last.loss)}; ` +
      `${Math.round(100 * last.accuracy)} % of the learned images are recognised at the end.`,
  );
}
