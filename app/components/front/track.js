// @ts-check
// Accuracies on one line, and as rows where the line has no room for their names.

const TRACK = { height: 54, edge: 8, line: 34.5, glyph: 18, text: 23, numbers: 50, beside: 14 };
const STAR_POINTS = starCorners(10)
  .map(corner => corner.map(length => length.toFixed(2)).join())
  .join(' ');

/** @param {number} percent */
const percentText = percent => `${percent.toFixed(1)}\u00a0%`;

/**
 * Sign of a method: learned is a star, a mean image full, random hollow, all real images a dashed line.
 * @param {Mark} mark
 * @param {Element} parent
 */
function drawSign({ method }, parent) {
  if (method === 'learned') svgElement('polygon', { points: STAR_POINTS }, parent);
  else if (method === 'whole') svgElement('path', { d: 'M0 -14v30' }, parent);
  else svgElement('circle', { r: 6 }, parent);
}

/**
 * Draws the line; returns whether all names have room.
 * @param {SVGElement} track
 * @param {RecordingHead} head
 */
function drawTrack(track, head) {
  const width = track.clientWidth;
  track.replaceChildren();
  if (!width) return false;
  track.setAttribute('viewBox', `0 0 ${width} ${TRACK.height}`);
  /** @param {number} percent */
  const at = percent => TRACK.edge + (percent / 100) * (width - 2 * TRACK.edge);
  svgElement('path', { d: `M${TRACK.edge} ${TRACK.line}H${width - TRACK.edge}`, class: 'axis' }, track);
  const guessing = 100 / head.class_names.length;
  for (const percent of [0, guessing, 25, 50, 75, 100]) {
    const anchor = percent === 0 ? 'start' : percent === 100 ? 'end' : 'middle';
    const text = percent === 100 ? '100\u00a0%' : `${percent}${percent === guessing ? ' guessing' : ''}`;
    svgElement('path', { d: `M${at(percent)} ${TRACK.line}v4`, class: 'axis' }, track);
    svgElement(
      'text',
      { x: at(percent), y: TRACK.numbers, 'text-anchor': anchor, class: 'number' },
      track,
      text,
    );
  }
  const ordered = [...head.marks].sort((a, b) => a.percent - b.percent);
  const boxes = ordered.map((mark, index) => {
    const group = svgElement('g', { class: `mark ${mark.method}` }, track);
    svgElement('title', {}, group, `${mark.label}: ${mark.detail}`);
    const x = at(mark.percent);
    const left = index === 0; // the lowest stands left of its sign: there is always room
    if (mark.method !== 'whole')
      svgElement('path', { d: `M${x} ${TRACK.glyph}V${TRACK.line}`, class: 'stem' }, group);
    drawSign(mark, svgElement('g', { class: 'sign', transform: `translate(${x} ${TRACK.glyph})` }, group));
    const text = /** @type {SVGTextElement} */ (
      svgElement(
        'text',
        {
          x: x + (left ? -TRACK.beside : TRACK.beside),
          y: TRACK.text,
          'text-anchor': left ? 'end' : 'start',
        },
        group,
        `${mark.label} `,
      )
    );
    svgElement('tspan', { class: 'value' }, text, percentText(mark.percent));
    const length = text.getComputedTextLength() + TRACK.beside;
    return left ? [x - length, x + TRACK.beside] : [x - TRACK.beside, x + length];
  });
  return boxes.every(
    ([from, to], index) => from >= 0 && to <= width && (index === 0 || from >= boxes[index - 1][1] - 6),
  );
}

/**
 * Writes the same as rows, the highest first.
 * @param {HTMLElement} rows
 * @param {RecordingHead} head
 */
function drawRows(rows, head) {
  rows.replaceChildren();
  for (const mark of [...head.marks].sort((a, b) => b.percent - a.percent)) {
    const row = element('div', `mark ${mark.method}`, '', rows);
    row.title = `${mark.label}: ${mark.detail}`;
    element('dt', '', mark.label, row);
    const bar = svgElement('svg', { class: 'sign', 'aria-hidden': 'true' });
    svgElement('line', { x1: 0, x2: `${mark.percent}%`, y1: 9, y2: 9, class: 'stem' }, bar);
    const sign = svgElement('svg', { x: `${mark.percent}%`, y: 9, overflow: 'visible' }, bar);
    if (mark.method !== 'whole') drawSign(mark, sign);
    const value = element('dd', '', '', row);
    value.append(bar);
    element('span', 'value', percentText(mark.percent), value);
  }
}

/**
 * Draws the accuracies: on the line, or as rows where names would stand on each other.
 * @param {FrontView} view
 */
function drawAccuracies({ root, head }) {
  const track = /** @type {SVGElement} */ (root.querySelector('.track'));
  const rows = find(root, '.rows');
  root.classList.remove('narrow');
  const fits = drawTrack(track, head);
  root.classList.toggle('narrow', !fits);
  const texts = head.marks.map(({ label, percent }) => `${label} ${percentText(percent)}`);
  track.setAttribute('aria-label', `Accuracy of networks trained on ${texts.join(', ')}.`);
  if (fits) rows.replaceChildren();
  else drawRows(rows, head);
}
