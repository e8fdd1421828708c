// @ts-check
// Drawing of the planes: cloud and field of the loss once, stars and their trails in every frame.

const REACH = 2; // the plane's units from the middle to the nearer edge
const DOT = 2; // CSS pixels
const STAR = 9; // CSS pixels
const SMALL_STAR = 7; // CSS pixels, where a plane is narrow
const NARROW = 240; // CSS pixels of a plane
const FAR_ALPHA = 0.45; // opacity of a star that has left the plane
const FIELD_CELL = 5; // CSS pixels
const FIELD_BANDS = 8;
const MOST_TINT = 0.55; // opacity of the lowest band
const DIMMED = 0.15; // opacity of what is not the term of the formula that is lit
const TOUCH = 12; // CSS pixels around a star or a point where it is pointed at

/**
 * The context of a canvas, emptied and sized, in CSS pixels.
 * @param {View} view
 * @param {HTMLCanvasElement} canvas
 */
function cleared(view, canvas) {
  const { size, ratio } = view;
  const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = contextOf(canvas);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

/**
 * CSS pixels of a unit of the plane.
 * @param {View} view
 */
const unitOf = ({ size }) => Math.min(size.width, size.height) / (2 * REACH);
/**
 * @param {View} view
 * @param {number} x
 */
const across = (view, x) => view.size.width / 2 + x * unitOf(view);
/**
 * @param {View} view
 * @param {number} y
 */
const down = (view, y) => view.size.height / 2 - y * unitOf(view);
/**
 * A coordinate with room for a star before the edge.
 * @param {number} value CSS pixels
 * @param {number} radius
 * @param {number} length of the side
 */
const inside = (value, radius, length) => Math.max(radius, Math.min(length - radius, value));
/**
 * Whether a star has left the plane.
 * @param {View} view
 * @param {Panel} panel
 */
const hasLeft = (view, { plane }) =>
  plane.stars.some(
    (value, at) => 2 * Math.abs(value) * unitOf(view) > view.size[at % 2 ? 'height' : 'width'],
  );
/** @param {Panel} panel */
const isShown = panel => !panel.node.hidden;

/**
 * Takes the colours of the theme and the size of the planes; what is drawn once is drawn anew if they differ.
 * @param {View} view
 */
function measure(view) {
  const style = getComputedStyle(view.root);
  const colours = {
    real: getComputedStyle(/** @type {Element} */ (view.root.querySelector('.dot'))).color,
    star: getComputedStyle(/** @type {Element} */ (view.root.querySelector('.star'))).color,
    field: getComputedStyle(/** @type {Element} */ (view.root.querySelector('.tint'))).color,
    text: property(style, '--st-text-color'),
    backdrop: property(style, '--st-background-color'),
    line: property(style, '--st-border-color'),
  };
  const canvas = view.panels.find(isShown)?.canvas;
  const size = { width: canvas?.clientWidth ?? 0, height: canvas?.clientHeight ?? 0 };
  const ratio = window.devicePixelRatio || 1;
  const before = JSON.stringify([view.colours, view.size, view.ratio]);
  Object.assign(view, { colours, size, ratio });
  if (JSON.stringify([colours, size, ratio]) !== before) forgetDrawn(view);
}

/**
 * Cloud and fields have to be drawn anew.
 * @param {View} view
 */
function forgetDrawn(view) {
  view.dotsStale = true;
  for (const panel of view.panels) panel.field = null;
}

/** @param {View} view */
function drawDots(view) {
  const pen = cleared(view, view.dots);
  pen.fillStyle = view.colours.real;
  pen.globalAlpha = 0.7;
  for (let at = 0; at < view.cloud.length; at += 2) {
    pen.beginPath();
    pen.arc(across(view, view.cloud[at]), down(view, view.cloud[at + 1]), DOT, 0, 2 * Math.PI);
    pen.fill();
  }
  view.dotsStale = false;
}

/**
 * The field of the loss in bands of its logarithm, the lowest the strongest.
 * @param {View} view
 * @param {Panel} panel
 */
function drawField(view, { plane }) {
  const { size, state, cloud, colours } = view;
  const unit = unitOf(view);
  const [width, height] = [Math.ceil(size.width / FIELD_CELL), Math.ceil(size.height / FIELD_CELL)];
  const networks = plane.count
    ? plane.networks
    : Array.from({ length: FIELD_NETWORKS }, (_, index) => randomNetwork(state.features, state.seed, index));
  const losses = lossField(cloud, networks, width, height, size.width / unit / 2, size.height / unit / 2);
  const levels = losses.map(loss => Math.log10(loss + 1e-4));
  const low = levels.reduce((least, level) => Math.min(least, level), Infinity);
  const high = levels.reduce((most, level) => Math.max(most, level), -Infinity);
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const pen = contextOf(canvas);
  pen.fillStyle = colours.field;
  levels.forEach((level, at) => {
    const band = Math.min(FIELD_BANDS - 1, Math.floor((FIELD_BANDS * (level - low)) / (high - low || 1)));
    pen.globalAlpha = MOST_TINT * (1 - band / (FIELD_BANDS - 1)) ** 1.5;
    pen.fillRect(at % width, Math.floor(at / width), 1, 1);
  });
  return canvas;
}

/**
 * Lines where the features of networks begin to be above 0.
 * @param {View} view
 * @param {CanvasRenderingContext2D} pen
 * @param {Float64Array[]} networks
 */
function drawFolds(view, pen, networks) {
  const far = 4 * REACH;
  pen.strokeStyle = view.colours.field;
  pen.globalAlpha = networks.length > 4 ? 0.25 : 0.6;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const network of networks)
    for (let at = 0; at < network.length; at += 3) {
      const [x, y, bias] = network.subarray(at, at + 3);
      pen.moveTo(across(view, -x * bias - y * far), down(view, -y * bias + x * far));
      pen.lineTo(across(view, -x * bias + y * far), down(view, -y * bias - x * far));
    }
  pen.stroke();
  pen.globalAlpha = 1;
}

/**
 * A cross at the mean of the cloud: where a single star comes to rest.
 * @param {View} view
 * @param {CanvasRenderingContext2D} pen
 */
function drawMean(view, pen) {
  const [x, y] = meanPoint(view.cloud);
  pen.strokeStyle = view.colours.text;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const [dx, dy] of [
    [14, 0],
    [0, 14],
  ]) {
    pen.moveTo(across(view, x) - dx, down(view, y) - dy);
    pen.lineTo(across(view, x) + dx, down(view, y) + dy);
  }
  pen.stroke();
}

/**
 * Opacity of what a term of the formula stands for: the rest is dimmed while one is lit.
 * @param {View} view
 * @param {string} term
 */
const strengthOf = (view, term) => (view.lit && view.lit !== term ? DIMMED : 1);

/**
 * The term of the formula that is drawn at a place of a plane; empty: none.
 * @param {View} view
 * @param {Panel} panel
 * @param {number} x CSS pixels
 * @param {number} y
 */
function termAt(view, { plane }, x, y) {
  /** @param {ArrayLike<number>} points */
  const isNear = points => {
    for (let at = 0; at < points.length; at += 2)
      if (Math.hypot(across(view, points[at]) - x, down(view, points[at + 1]) - y) < TOUCH) return true;
    return false;
  };
  return isNear(plane.stars) ? 'star' : isNear(view.cloud) ? 'cloud' : '';
}

/**
 * @param {View} view
 * @param {Panel} panel
 */
function drawPanel(view, panel) {
  const { plane, canvas } = panel;
  const { state, size, colours } = view;
  const pen = cleared(view, canvas);
  if (state.behind === 'loss' && view.cloud.length) {
    panel.field ??= drawField(view, panel);
    pen.drawImage(panel.field, 0, 0, size.width, size.height);
  }
  const folds = state.behind === 'folds' || view.lit === 'feature';
  if (folds && plane.count) drawFolds(view, pen, plane.networks);
  else if (folds && !view.playing)
    // those of the last step; in motion they would flicker
    drawFolds(view, pen, [networkAt(plane, state, Math.max(0, view.step - 1))]);
  pen.globalAlpha = strengthOf(view, 'cloud');
  pen.drawImage(view.dots, 0, 0, size.width, size.height);
  pen.globalAlpha = 1;
  if (!view.cloud.length) {
    pen.fillStyle = colours.text;
    pen.font = `14px ${getComputedStyle(view.root).fontFamily}`;
    pen.textAlign = 'center';
    pen.fillText('draw a cloud here', size.width / 2, size.height - 16);
  }
  if (state.stars === 1 && view.cloud.length) drawMean(view, pen);
  const { stars, trail } = plane;
  pen.lineWidth = 1.5;
  pen.strokeStyle = colours.star;
  const strength = strengthOf(view, 'star');
  pen.globalAlpha = 0.4 * strength;
  pen.beginPath();
  for (let at = 0; at < stars.length && trail.length; at += 2) {
    trail.forEach((past, age) =>
      age
        ? pen.lineTo(across(view, past[at]), down(view, past[at + 1]))
        : pen.moveTo(across(view, past[at]), down(view, past[at + 1])),
    );
    pen.lineTo(across(view, stars[at]), down(view, stars[at + 1]));
  }
  pen.stroke();
  pen.globalAlpha = 1;
  pen.lineWidth = 1.5;
  pen.strokeStyle = colours.backdrop;
  pen.fillStyle = colours.star;
  const radius = size.width < NARROW ? SMALL_STAR : STAR;
  for (let at = 0; at < stars.length; at += 2) {
    const [x, y] = [across(view, stars[at]), down(view, stars[at + 1])];
    const [left, top] = [inside(x, radius, size.width), inside(y, radius, size.height)];
    pen.globalAlpha = strength * (left === x && top === y ? 1 : FAR_ALPHA); // one that has left stands pale at the edge
    pen.beginPath(); // each its own: a star that overlaps another keeps its outline
    addStar(pen, left, top, radius);
    pen.fill();
    pen.stroke();
  }
  pen.globalAlpha = 1;
  drawCursor(view, panel, pen);
}

/** @param {View} view */
function drawPlanes(view) {
  if (!view.size.width) return; // hidden: drawn when the observer reports a width
  if (view.dotsStale) drawDots(view);
  for (const panel of view.panels) if (isShown(panel)) drawPanel(view, panel);
}
