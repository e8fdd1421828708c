// @ts-check
// The plane through both means: dots of real images, stars of learned ones, their distance and the pull.

const DOT = 3.2;
const MEAN = 7;
const STAR = 12;
const SMALL_STAR = 7;
const PULL = 34; // pixels of the arrow
const NEAR = 90;
const EDGE = { left: 28, right: 40, top: 34, bottom: 40 };

/**
 * How points become pixels, on one scale for all scenes, so that a shorter distance looks shorter.
 * @param {Scene[]} scenes
 * @param {number} width
 * @param {number} height
 */
function planeScale(scenes, width, height) {
  const points = scenes.flatMap(({ values }) => [
    ...values.real_points,
    ...values.synthetic_points,
    /** @type {Point} */ ([0, 0]),
    /** @type {Point} */ ([values.distance, 0]),
  ]);
  /** @param {0 | 1} axis @returns {[number, number]} */
  const extent = axis => [
    points.reduce((least, point) => Math.min(least, point[axis]), Infinity),
    points.reduce((most, point) => Math.max(most, point[axis]), -Infinity),
  ];
  const [left, right] = extent(0);
  const [low, high] = extent(1);
  const unit = Math.min(
    (width - EDGE.left - EDGE.right) / Math.max(right - left, 1e-9),
    (height - EDGE.top - EDGE.bottom) / Math.max(high - low, 1e-9),
  );
  const across = (width - EDGE.left - EDGE.right - unit * (right - left)) / 2;
  const down = (height - EDGE.top - EDGE.bottom - unit * (high - low)) / 2;
  return {
    unit,
    /** @param {number} x */
    x: x => EDGE.left + across + (x - left) * unit,
    /** @param {number} y */
    y: y => EDGE.top + down + (high - y) * unit,
  };
}

/**
 * Middle and base line of the large star's name: right of it, where the fewest dots are, above it at the edge.
 * @param {number} star
 * @param {number} level
 * @param {number} long pixels of the name
 * @param {number} width of the plane
 * @param {number} scale
 * @returns {[number, number]}
 */
function besideStar(star, level, long, width, scale) {
  const begin = star + STAR + 8;
  return begin + long + 6 <= width ? [begin + long / 2, level - 4 * scale] : [star, level - STAR - 8];
}

/** @param {View} view */
function drawPlane(view) {
  const canvas = /** @type {HTMLCanvasElement} */ (find(view.root, '.plane canvas'));
  const { context: pen, width, height } = fitCanvas(canvas);
  if (!width || !height) return;
  const { values } = view.scenes[view.at.scene];
  const { colours, progress } = view;
  const pointed = view.term === 'distance' ? 5 : view.term === 'features' ? 4 : 0;
  const phase = Math.max(view.at.phase, pointed);
  /** How far a phase's part of the drawing has come. @param {number} of */
  const done = of => (phase > of || pointed === of ? 1 : phase < of ? 0 : progress);
  const { x, y } = planeScale(view.scenes, width, height);
  const font = getComputedStyle(view.root).fontFamily;
  const scale = fontScale();
  /** Text inside the plane that stands out from dots. @param {string} text @param {number} at @param {number} down */
  const writeText = (text, at, down) => {
    const half = pen.measureText(text).width / 2 + 6;
    const middle = Math.min(Math.max(at, half), width - half);
    pen.strokeStyle = colours.backdrop;
    pen.lineWidth = 4;
    pen.strokeText(text, middle, down);
    pen.fillText(text, middle, down);
  };

  const seen = done(4);
  pen.fillStyle = colours.real;
  values.real_points.forEach(([across, up], index) => {
    pen.globalAlpha = 0.55 * Math.max(0, Math.min(1, seen * 2.2 - index / values.real_points.length));
    pen.beginPath();
    pen.arc(x(across), y(up), DOT, 0, 2 * Math.PI);
    pen.fill();
  });
  pen.globalAlpha = seen;
  const chosen = values.real_points[view.image];
  if (chosen) {
    pen.strokeStyle = colours.text;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x(chosen[0]), y(chosen[1]), DOT + 3, 0, 2 * Math.PI);
    pen.stroke();
  }
  const [from, to, level] = [x(0), x(values.distance), y(0)];
  const apart = to - from;
  const measured = done(5);
  pen.globalAlpha = 1;
  if (measured) {
    pen.strokeStyle = colours.accent;
    pen.lineWidth = view.term === 'distance' ? 3 : 1.5;
    pen.setLineDash([4, 4]);
    pen.beginPath();
    pen.moveTo(from, level);
    pen.lineTo(from + apart * measured, level);
    pen.stroke();
    pen.setLineDash([]);
  }
  const pulled = view.revealed ? done(6) : 0;
  if (pulled) {
    const tip = to - STAR - Math.min(PULL, Math.max(apart - STAR - MEAN, 6)) * pulled;
    pen.strokeStyle = pen.fillStyle = colours.accent;
    pen.lineWidth = 2.5;
    pen.beginPath();
    pen.moveTo(to - STAR, level);
    pen.lineTo(tip, level);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(tip - 6, level);
    pen.lineTo(tip + 4, level - 5);
    pen.lineTo(tip + 4, level + 5);
    pen.fill();
  }
  pen.globalAlpha = seen;
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(from, level + 10);
  pen.lineTo(from, height - 26 * scale);
  pen.stroke();
  pen.beginPath();
  pen.arc(from, level, MEAN, 0, 2 * Math.PI);
  pen.fillStyle = colours.text;
  pen.fill();
  pen.strokeStyle = colours.backdrop;
  pen.lineWidth = 2;
  pen.stroke();
  if (values.synthetic_points.length > 1)
    for (const [across, up] of values.synthetic_points) {
      pen.beginPath();
      addStar(pen, x(across), y(up), SMALL_STAR);
      pen.strokeStyle = colours.accent;
      pen.lineWidth = 1.5;
      pen.stroke();
    }
  pen.beginPath();
  addStar(pen, to, level, STAR);
  pen.fillStyle = colours.accent;
  pen.fill();
  pen.strokeStyle = colours.backdrop;
  pen.lineWidth = 1;
  pen.stroke();
  pen.font = `${13 * scale}px ${font}`;
  pen.textAlign = 'center';
  pen.fillStyle = colours.quiet;
  const several = values.synthetic_points.length > 1;
  const learned = several ? 'mean of the learned' : 'learned';
  const real = `mean of ${values.batch}`;
  writeText(real, from, height - 10 * scale);
  const place = besideStar(to, level, pen.measureText(learned).width, width, scale);
  writeText(learned, ...place);
  pen.globalAlpha = 1;
  if (!measured) return;
  pen.fillStyle = colours.text;
  pen.font = `600 ${14 * scale}px ${font}`;
  const near = apart < NEAR; // no room between the means: beside them
  const [across, down] = near
    ? [to + STAR + 8 + 50 * scale, level + 14 * scale]
    : [(from + to) / 2, level - 12];
  writeText(`distance ${values.distance.toPrecision(3)}`, across, down);
}
