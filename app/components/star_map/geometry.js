// Where things are: panels side by side, and positions of the map -> CSS pixels of a panel, the same for all panels.
const SIDE_BY_SIDE = 300,
  GAP = 16,
  PAD = 18; // CSS pixels
const MOST_ZOOM = 60;
const FULL_TURN = 2 * Math.PI;
const among = (low, value, high) => Math.min(high, Math.max(low, value));
const scaled = () => Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16); // a presenter's page
const extent = numbers => {
  const low = numbers.reduce((least, one) => Math.min(least, one), Infinity),
    high = numbers.reduce((most, one) => Math.max(most, one), -Infinity);
  return high > low ? [low, high] : high === low ? [low - 1, high + 1] : [0, 1];
};

/** Canvases as wide as the panels get. */
function arrange(view) {
  const width = Math.floor(view.box.clientWidth),
    ratio = window.devicePixelRatio || 1,
    count = view.panels.length;
  if (!width || !view.head) return false; // hidden: drawn when the observer reports a width
  const most = Math.max(1, Math.floor((width + GAP) / (SIDE_BY_SIDE + GAP))),
    columns = Math.ceil(count / Math.ceil(count / most));
  const scale = scaled(),
    wide = Math.floor((width - (columns - 1) * GAP) / columns),
    high = Math.round(Math.min(view.head.height * scale, wide));
  const arrangedAt = [width, ratio, scale, count, view.head.height].join();
  if (arrangedAt === view.arrangedAt) return true;
  Object.assign(view, { arrangedAt, ratio, scale, size: { width: wide - 2, height: high - 2 }, stale: true }); // inside the frame
  view.sprites.clear();
  view.box.style.cssText = `grid-template-columns:repeat(${columns}, minmax(0, 1fr));column-gap:${GAP}px`;
  const size = { width: Math.round((wide - 2) * ratio), height: Math.round((high - 2) * ratio) };
  for (const canvas of [view.dots, ...view.panels.flatMap(panel => [panel.canvas, panel.wake])])
    Object.assign(canvas, size);
  for (const { canvas } of view.panels)
    Object.assign(canvas.style, { width: `${wide}px`, height: `${high}px` });
  return true;
}

/** From the real images; the stars of this moment are taken in. */
function bound(view) {
  const { head, panels } = view,
    xs = [...head.x],
    ys = [...head.y];
  for (const panel of panels) {
    for (const star of panel.stars) {
      xs.push(star.toX);
      ys.push(star.toY);
    }
    if (head.starts)
      for (const [x, y] of panel.starts.values()) {
        xs.push(x);
        ys.push(y);
      }
  }
  const [left, right] = extent(xs),
    [low, high] = extent(ys);
  view.bounds = { left, right, low, high };
  Object.assign(view, { zoom: 1, x: (left + right) / 2, y: (low + high) / 2 });
}

function project(view) {
  const { left, right, low, high } = view.bounds,
    { width, height } = view.size,
    pad = PAD * view.scale;
  view.unit = view.zoom * Math.min((width - 2 * pad) / (right - left), (height - 2 * pad) / (high - low));
  view.left = width / 2 - view.x * view.unit;
  view.top = height / 2 + view.y * view.unit;
}
const across = (view, x) => view.left + x * view.unit,
  down = (view, y) => view.top - y * view.unit;

/** The one way in which the view changes. */
function look(view, zoom, x, y) {
  const { left, right, low, high } = view.bounds;
  view.zoom = among(1, zoom, MOST_ZOOM);
  view.x = among(left, x, right);
  view.y = among(low, y, high);
  project(view);
  view.stale = true;
  request(view);
}

/** What is there stays there. */
function zoomAt(view, by, px = view.size.width / 2, py = view.size.height / 2) {
  const zoom = among(1, view.zoom * by, MOST_ZOOM),
    unit = (view.unit * zoom) / view.zoom;
  const x = (px - view.left) / view.unit,
    y = (view.top - py) / view.unit;
  look(view, zoom, x - (px - view.size.width / 2) / unit, y + (py - view.size.height / 2) / unit);
}

function wholeMap(view) {
  bound(view);
  project(view);
  view.stale = true;
  request(view);
}
