// @ts-check
// Geometry: panels side by side, and the transform from positions of the map to CSS pixels of a panel, which is
// the same for all panels.

const SIDE_BY_SIDE = 300; // CSS pixels of a panel from which on another one fits next to it
const GAP = 16; // CSS pixels
const LOWEST = 100; // CSS pixels of a panel's height, however little room there is
const PAD = 18; // CSS pixels
const MOST_ZOOM = 60;
const FULL_TURN = 2 * Math.PI;
/**
 * @param {number} low
 * @param {number} value
 * @param {number} high
 */
const clamp = (low, value, high) => Math.min(high, Math.max(low, value));
/**
 * Lowest and highest number, never the same: a range that can be divided by.
 * @param {number[]} numbers
 * @returns {[low: number, high: number]}
 */
const extent = numbers => {
  const low = numbers.reduce((least, number) => Math.min(least, number), Infinity);
  const high = numbers.reduce((most, number) => Math.max(most, number), -Infinity);
  return high > low ? [low, high] : high === low ? [low - 1, high + 1] : [0, 1];
};

/**
 * CSS pixels of height that the map's container leaves its panels; null: the page is as high as they need.
 * @param {View} view
 */
function roomWithin({ box, container }) {
  if (!container || getComputedStyle(container).overflowY === 'visible') return null;
  const above = box.getBoundingClientRect().top - container.getBoundingClientRect().top + container.scrollTop;
  return Math.floor(container.clientHeight - above);
}

/**
 * Columns of the panels and the size of each, frame included: in a room as large as they fit in it whole, their
 * titles with them.
 * @param {View} view
 * @param {number} width CSS pixels
 * @param {number | null} room CSS pixels of height
 */
function panelSizes({ panels, head, scale, box }, width, room) {
  /** @param {number} columns */
  const wideIn = columns => Math.floor((width - (columns - 1) * GAP) / columns);
  if (room === null) {
    const most = Math.max(1, Math.floor((width + GAP) / (SIDE_BY_SIDE + GAP)));
    const columns = Math.ceil(panels.length / Math.ceil(panels.length / most));
    const wide = wideIn(columns);
    return { columns, wide, high: Math.round(Math.min(head.height * scale, wide)) };
  }
  const sizes = panels.map((_, index) => {
    const columns = index + 1;
    const rows = Math.ceil(panels.length / columns);
    setColumns(box, columns);
    const titles = Math.max(...panels.map(({ node, canvas }) => node.offsetHeight - canvas.offsetHeight));
    const between = (rows - 1) * parseFloat(getComputedStyle(box).rowGap);
    const wide = wideIn(columns);
    const high = Math.min(wide, Math.max(LOWEST, Math.floor((room - between) / rows - titles)));
    return { columns, wide, high };
  });
  return sizes.reduce((best, size) => (size.high > best.high ? size : best));
}

/**
 * @param {HTMLElement} box
 * @param {number} columns
 */
function setColumns(box, columns) {
  box.style.cssText = `grid-template-columns:repeat(${columns}, minmax(0, 1fr));column-gap:${GAP}px`;
}

/**
 * Sizes the canvases by the room that the panels get.
 * @param {View} view
 * @returns {boolean} whether there is room to draw
 */
function arrange(view) {
  const width = Math.floor(view.box.clientWidth);
  const ratio = window.devicePixelRatio || 1;
  const count = view.panels.length;
  if (!width || !view.head) return false; // hidden: drawn when the observer reports a width
  const scale = fontScale();
  const room = roomWithin(view);
  const titles = room === null ? [] : view.panels.map(({ title }) => title.textContent);
  const arrangedAt = [width, ratio, scale, count, view.head.height, room, ...titles].join();
  if (arrangedAt === view.arrangedAt) return true;
  view.scale = scale;
  const { columns, wide, high } = panelSizes(view, width, room);
  const inside = { width: wide - 2, height: high - 2 }; // of the frame
  Object.assign(view, { arrangedAt, ratio, size: inside, stale: true });
  view.sprites.clear();
  setColumns(view.box, columns);
  const size = { width: Math.round((wide - 2) * ratio), height: Math.round((high - 2) * ratio) };
  for (const canvas of [view.dots, ...view.panels.flatMap(panel => [panel.canvas, panel.background])])
    Object.assign(canvas, size);
  for (const { canvas } of view.panels)
    Object.assign(canvas.style, { width: `${wide}px`, height: `${high}px` });
  return true;
}

/**
 * Shows all of the map: bounds from the real images; the stars' newest positions are taken in.
 * @param {View} view
 */
function fitBounds(view) {
  const { head, panels } = view;
  const xs = head.positions.map(([x]) => x);
  const ys = head.positions.map(([, y]) => y);
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
  const [left, right] = extent(xs);
  const [low, high] = extent(ys);
  view.bounds = { left, right, low, high };
  Object.assign(view, { zoom: 1, x: (left + right) / 2, y: (low + high) / 2 });
}

/**
 * Sets the transform from the zoom, the middle and the size of a panel.
 * @param {View} view
 */
function updateTransform(view) {
  const { left, right, low, high } = view.bounds;
  const { width, height } = view.size;
  const pad = PAD * view.scale;
  view.unit = view.zoom * Math.min((width - 2 * pad) / (right - left), (height - 2 * pad) / (high - low));
  view.left = width / 2 - view.x * view.unit;
  view.top = height / 2 + view.y * view.unit;
}
/**
 * @param {View} view
 * @param {number} x
 */
const across = (view, x) => view.left + x * view.unit;
/**
 * @param {View} view
 * @param {number} y
 */
const down = (view, y) => view.top - y * view.unit;

/**
 * Moves and zooms: the one way in which the viewport changes.
 * @param {View} view
 * @param {number} zoom
 * @param {number} x of the middle
 * @param {number} y
 */
function setViewport(view, zoom, x, y) {
  const { left, right, low, high } = view.bounds;
  view.zoom = clamp(1, zoom, MOST_ZOOM);
  view.x = clamp(left, x, right);
  view.y = clamp(low, y, high);
  updateTransform(view);
  view.stale = true;
  requestDraw(view);
}

/**
 * Zooms by a factor. What is at (px, py) stays there.
 * @param {View} view
 * @param {number} by
 * @param {number} [px] CSS pixels of the panel; by default its middle
 * @param {number} [py]
 */
function zoomAt(view, by, px = view.size.width / 2, py = view.size.height / 2) {
  const zoom = clamp(1, view.zoom * by, MOST_ZOOM);
  const unit = (view.unit * zoom) / view.zoom;
  const x = (px - view.left) / view.unit;
  const y = (view.top - py) / view.unit;
  setViewport(view, zoom, x - (px - view.size.width / 2) / unit, y + (py - view.size.height / 2) / unit);
}

/** @param {View} view */
function resetZoom(view) {
  fitBounds(view);
  updateTransform(view);
  view.stale = true;
  requestDraw(view);
}
