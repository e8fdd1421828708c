// @ts-check
// Accuracies on one line, and as rows where the line has no room for their names.

const TRACK = { height: 60, edge: 8, line: 40.5, glyph: 24, text: 29, numbers: 56, beside: 14 };
const ABOVE = 17; // the learned images' sign flies above the others: it passes them while it plays
const WIDE = 900; // CSS pixels from which the line is kept though one name has no room on it
const STAR_POINTS = starCorners(10)
  .map(corner => corner.map(length => length.toFixed(2)).join())
  .join(' ');

/** @param {number} percent */
const percentText = percent => `${percent.toFixed(1)}\u00a0%`;

/**
 * What the learned images reach at a moment, and after which iteration: the last one that was tested by then.
 * @param {Mark} mark
 * @param {number[]} iterations
 * @param {number} moment
 */
function reached({ percent, moments }, iterations, moment) {
  for (let at = Math.min(moment, moments.length - 1); at >= 0; at--) {
    const tested = moments[at];
    if (tested !== null) return { percent: tested, iteration: iterations[at] };
  }
  return { percent, iteration: iterations[iterations.length - 1] };
}

/**
 * Marks as they stand at the moment on screen; learned ones say after which iteration.
 * @param {FrontView} view
 */
const marksNow = ({ head, moment }) =>
  head.marks.map(mark => {
    if (mark.method !== 'learned') return { ...mark, when: '' };
    const { percent, iteration } = reached(mark, head.iterations, moment);
    return { ...mark, percent, when: ` after iteration ${grouped(iteration)}` };
  });

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
 * @param {FrontView} view
 * @param {string} [unnamed] method whose sign has its name on hover only
 */
function drawTrack(track, view, unnamed) {
  const width = (track.clientWidth / track.clientHeight) * TRACK.height;
  track.replaceChildren();
  if (!width) return false;
  track.setAttribute('viewBox', `0 0 ${width} ${TRACK.height}`);
  /** @param {number} percent */
  const at = percent => TRACK.edge + (percent / 100) * (width - 2 * TRACK.edge);
  drawAxis(track, view.head, at);
  const named = marksNow(view).map(mark => ({ ...mark, named: mark.method !== unnamed }));
  const ordered = named.sort((a, b) => a.percent - b.percent);
  for (const mark of ordered.filter(({ method }) => method === 'learned')) {
    const x = at(mark.percent); // first: it passes behind the others' names
    const [from, to] = drawMark(track, mark, x, x > width / 2, ABOVE);
    if (from < 0 || to > width) return false;
  }
  const others = ordered.filter(({ method }) => method !== 'learned');
  // the lowest stands left of its sign: there is always room
  const boxes = others.map((mark, index) => {
    const box = drawMark(track, mark, at(mark.percent), index === 0, 0);
    if (box[1] <= width) return box;
    track.lastElementChild?.remove();
    return drawMark(track, mark, at(mark.percent), true, 0);
  });
  return boxes.every(
    ([from, to], index) => from >= 0 && to <= width && (index === 0 || from >= boxes[index - 1][1] - 8),
  );
}

/**
 * @param {SVGElement} track
 * @param {RecordingHead} head
 * @param {(percent: number) => number} at
 */
function drawAxis(track, head, at) {
  svgElement('path', { d: `M${at(0)} ${TRACK.line}H${at(100)}`, class: 'axis' }, track);
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
}

/**
 * Draws a sign with its name; returns where the two begin and end.
 * @param {SVGElement} track
 * @param {Mark & {when: string, named: boolean}} mark
 * @param {number} x
 * @param {boolean} left whether the name stands left of the sign
 * @param {number} above how much higher than the others
 */
function drawMark(track, mark, x, left, above) {
  const y = TRACK.glyph - above;
  const group = svgElement('g', { class: `mark ${mark.method}` }, track);
  svgElement('title', {}, group, `${mark.label}: ${mark.detail}`);
  const from = above ? TRACK.text + 4 : y; // below the names that it passes
  if (mark.method !== 'whole') svgElement('path', { d: `M${x} ${from}V${TRACK.line}`, class: 'stem' }, group);
  drawSign(mark, svgElement('g', { class: 'sign', transform: `translate(${x} ${y})` }, group));
  if (!mark.named) return [x - TRACK.beside, x + TRACK.beside];
  const text = /** @type {SVGTextElement} */ (
    svgElement(
      'text',
      {
        x: x + (left ? -TRACK.beside : TRACK.beside),
        y: TRACK.text - above,
        'text-anchor': left ? 'end' : 'start',
      },
      group,
      `${mark.label} `,
    )
  );
  svgElement('tspan', { class: 'value' }, text, percentText(mark.percent));
  if (mark.when) svgElement('tspan', { class: 'when' }, text, mark.when);
  const length = text.getComputedTextLength() + TRACK.beside;
  return left ? [x - length, x + TRACK.beside] : [x - TRACK.beside, x + length];
}

/**
 * Writes the same as rows, the highest at the end of the recording first.
 * @param {HTMLElement} rows
 * @param {FrontView} view
 */
function drawRows(rows, view) {
  rows.replaceChildren();
  const { marks } = view.head;
  const order = marks.map((_, index) => index).sort((a, b) => marks[b].percent - marks[a].percent);
  const now = marksNow(view);
  for (const mark of order.map(index => now[index])) {
    const row = element('div', `mark ${mark.method}`, '', rows);
    row.title = `${mark.label}: ${mark.detail}`;
    const name = element('dt', '', mark.label, row);
    if (mark.when) element('span', 'when', mark.when, name);
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
function drawAccuracies(view) {
  const { root } = view;
  const track = /** @type {SVGElement} */ (root.querySelector('.track'));
  const rows = find(root, '.rows');
  root.classList.remove('narrow');
  const fits = drawTrack(track, view) || (track.clientWidth >= WIDE && drawTrack(track, view, 'mean_image'));
  root.classList.toggle('narrow', !fits);
  const texts = marksNow(view).map(({ label, percent, when }) => `${label}${when} ${percentText(percent)}`);
  track.setAttribute('aria-label', `Accuracy of networks trained on ${texts.join(', ')}.`);
  if (fits) rows.replaceChildren();
  else drawRows(rows, view);
}
