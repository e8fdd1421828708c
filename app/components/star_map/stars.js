// @ts-check
// Stars of a panel, their trails and where they started.

const STAR = 7.5; // CSS pixels
const SMALL_STAR = 5; // CSS pixels
const MANY_STARS = 300; // from how many on they are small
/**
 * @param {Star} star
 * @returns {Point}
 */
const positionOf = star => [star.x, star.y];
/**
 * Opacity of a piece of a trail; age 0: the newest.
 * @param {Panel} panel
 * @param {number} age
 */
const trailAlpha = ({ past, stars }, age) =>
  (stars.length > MANY_STARS ? 0.45 : 0.75) * (1 - age / (past.length + 1));

/**
 * Draws a line per star: one path per colour, not one per star.
 * @param {View} view
 * @param {CanvasRenderingContext2D} pen
 * @param {Panel} panel
 * @param {(star: Star) => Point | undefined} from
 * @param {(star: Star) => Point | undefined} to
 * @param {number} alpha
 * @param {number} width
 */
function drawSegments(view, pen, panel, from, to, alpha, width) {
  /** @type {Map<number, Path2D>} */
  const paths = new Map();
  for (const star of panel.stars) {
    const [start, end] = [from(star), to(star)];
    if (!start || !end || !visible(view, star.label)) continue;
    const series = seriesOf(view, star.label);
    let path = paths.get(series);
    if (!path) paths.set(series, (path = new Path2D()));
    path.moveTo(across(view, start[0]), down(view, start[1]));
    path.lineTo(across(view, end[0]), down(view, end[1]));
  }
  pen.globalAlpha = alpha;
  pen.lineWidth = width * view.scale;
  for (const [series, path] of paths) {
    pen.strokeStyle = colourOf(view, series);
    pen.stroke(path);
  }
  pen.globalAlpha = 1;
}

/**
 * Strokes the pen's path, set off from what lies under it.
 * @param {View} view
 * @param {CanvasRenderingContext2D} pen
 * @param {string} colour
 * @param {number} width
 * @param {number} around
 */
function outline(view, pen, colour, width, around) {
  for (const [stroke, thickness] of /** @type {[string, number][]} */ ([
    [view.colour.backdrop, around],
    [colour, width],
  ])) {
    Object.assign(pen, { strokeStyle: stroke, lineWidth: thickness * view.scale });
    pen.stroke();
  }
}

/**
 * Draws what stands still behind the stars: old pieces of trails, starts.
 * @param {View} view
 * @param {Panel} panel
 */
function drawBackground(view, panel) {
  const pen = cleared(view, panel.background);
  const { past } = panel;
  pen.lineCap = 'round';
  for (let at = 1; at < past.length; at++)
    drawSegments(
      view,
      pen,
      panel,
      star => past[at - 1].get(star.id),
      star => past[at].get(star.id),
      trailAlpha(panel, past.length - at),
      1.8,
    );
  if (!view.head.starts) return;
  for (const star of panel.stars) {
    const start = panel.starts.get(star.id);
    if (!start || !visible(view, star.label)) continue;
    pen.beginPath();
    pen.arc(across(view, start[0]), down(view, start[1]), 3.5 * view.scale, 0, FULL_TURN);
    outline(view, pen, colourOf(view, seriesOf(view, star.label)), 1.8, 4);
  }
}

/**
 * Whether a panel's points are real images, drawn at random for comparison: they are hollow.
 * @param {{kind: string}} panel
 */
const isReal = ({ kind }) => kind.startsWith('real');

/**
 * A star, or a hollow dot, drawn once: a frame copies it to every one of its series.
 * @param {View} view
 * @param {number} series
 * @param {number} radius
 * @param {boolean} hollow
 */
function sprite(view, series, radius, hollow) {
  const name = `${series}/${radius}/${hollow}`;
  const cached = view.sprites.get(name);
  if (cached) return cached;
  const reach = Math.ceil((radius + 4 * view.scale) * view.ratio);
  const canvas = document.createElement('canvas');
  const pen = contextOf(canvas);
  Object.assign(canvas, { width: 2 * reach, height: 2 * reach });
  pen.translate(reach, reach);
  pen.scale(view.ratio, view.ratio);
  pen.lineJoin = 'round'; // the grey ones have no dark outline: what was picked stands out
  pen.beginPath();
  if (hollow) {
    pen.arc(0, 0, 0.72 * radius, 0, FULL_TURN);
    pen.fillStyle = view.colour.backdrop;
    pen.fill();
    outline(view, pen, colourOf(view, series), 2.6, 6);
  } else {
    for (let corner = 0; corner < 10; corner++) {
      const angle = (corner * Math.PI) / 5 - Math.PI / 2;
      const far = corner % 2 ? 0.46 * radius : radius;
      pen.lineTo(far * Math.cos(angle), far * Math.sin(angle));
    }
    pen.closePath();
    outline(view, pen, series === OTHER ? view.colour.grey : view.colour.text, 2.2, 5);
    pen.fillStyle = colourOf(view, series);
    pen.fill();
  }
  view.sprites.set(name, canvas);
  return canvas;
}

/**
 * @param {View} view
 * @param {CanvasRenderingContext2D} pen
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} colour
 * @param {number} width
 */
function ring(view, pen, x, y, radius, colour, width) {
  pen.beginPath();
  pen.arc(across(view, x), down(view, y), radius * view.scale, 0, FULL_TURN);
  outline(view, pen, colour, width, width + 2.5);
}
