// The stars of a panel, their trails and where they started. What stands still behind the stars is its "wake".
const STAR = 7.5,
  SMALL_STAR = 5,
  MANY_STARS = 300; // CSS pixels, and from how many on the small ones
const here = star => [star.x, star.y];
const fading = ({ past, stars }, age) =>
  (stars.length > MANY_STARS ? 0.45 : 0.75) * (1 - age / (past.length + 1)); // age 0: the newest piece

/** One path per colour, not one per star. */
function lines(view, pen, panel, from, to, alpha, width) {
  const paths = new Map();
  for (const star of panel.stars) {
    const [start, end] = [from(star), to(star)];
    if (!start || !end || !visible(view, star.label)) continue;
    const series = seriesOf(view, star.label),
      path = paths.get(series) ?? paths.set(series, new Path2D()).get(series);
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

/** The pen's path, set off from what lies under it. */
function outline(view, pen, colour, width, around) {
  for (const [stroke, thick] of [
    [view.colour.backdrop, around],
    [colour, width],
  ]) {
    Object.assign(pen, { strokeStyle: stroke, lineWidth: thick * view.scale });
    pen.stroke();
  }
}

/** What stands still behind the stars: old pieces of trails, starts. */
function drawWake(view, panel) {
  const pen = clean(view, panel.wake),
    { past } = panel;
  pen.lineCap = 'round';
  for (let at = 1; at < past.length; at++)
    lines(
      view,
      pen,
      panel,
      star => past[at - 1].get(star.id),
      star => past[at].get(star.id),
      fading(panel, past.length - at),
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

/** A star drawn once: a frame copies it to its places. */
function sprite(view, series, radius) {
  const name = `${series}/${radius}`,
    known = view.sprites.get(name);
  if (known) return known;
  const reach = Math.ceil((radius + 4 * view.scale) * view.ratio),
    canvas = document.createElement('canvas'),
    pen = canvas.getContext('2d');
  Object.assign(canvas, { width: 2 * reach, height: 2 * reach });
  pen.translate(reach, reach);
  pen.scale(view.ratio, view.ratio);
  pen.lineJoin = 'round'; // the grey ones have no dark outline: what was picked stands out
  pen.beginPath();
  for (let corner = 0; corner < 10; corner++) {
    const angle = (corner * Math.PI) / 5 - Math.PI / 2,
      far = corner % 2 ? 0.46 * radius : radius;
    pen.lineTo(far * Math.cos(angle), far * Math.sin(angle));
  }
  pen.closePath();
  outline(view, pen, series === OTHER ? view.colour.grey : view.colour.text, 2.2, 5);
  pen.fillStyle = colourOf(view, series);
  pen.fill();
  view.sprites.set(name, canvas);
  return canvas;
}

function ring(view, pen, x, y, radius, colour, width) {
  pen.beginPath();
  pen.arc(across(view, x), down(view, y), radius * view.scale, 0, FULL_TURN);
  outline(view, pen, colour, width, width + 2.5);
}
