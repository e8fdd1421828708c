// @ts-check
// Drawing of the images and of the outlines of what is picked and pointed at.

/**
 * @param {ImageId} cell
 * @param {ImageId | null} other
 */
const same = (cell, other) =>
  other && cell.lane === other.lane && cell.label === other.label && cell.image === other.image;

/** @param {View} view */
function readColours(view) {
  const style = getComputedStyle(view.root);
  view.colour = coloursOf(style);
  return style;
}

/** @param {View} view */
function draw(view) {
  if (!view.cells) return;
  const pen = contextOf(view.canvas);
  const ratio = view.canvas.width / parseFloat(view.canvas.style.width);
  const { colour } = view;
  pen.clearRect(0, 0, view.canvas.width, view.canvas.height);
  for (const cell of view.cells) {
    const lane = view.head.lanes[cell.lane];
    const at = cell.label * lane.images + cell.image;
    const side = Math.round(cell.size * ratio);
    const pixels = Math.max(lane.width, lane.height);
    pen.imageSmoothingEnabled = side < pixels; // no pixel of an image is left out
    const scale = side / pixels;
    const width = Math.round(lane.width * scale);
    const height = Math.round(lane.height * scale);
    const x = Math.round(cell.x * ratio);
    const y = Math.round(cell.y * ratio);
    pen.drawImage(
      view.sources[cell.lane],
      (at % lane.columns) * lane.width,
      Math.floor(at / lane.columns) * lane.height,
      lane.width,
      lane.height,
      x,
      y,
      width,
      height,
    );
    const picked = same(cell, view.picked);
    const pointed = same(cell, view.pointed);
    if (!picked && !pointed) continue;
    const line = Math.round((picked ? 3 : 2) * ratio);
    for (const [stroke, thickness] of /** @type {[string, number][]} */ ([
      [colour.backdrop, line + 2 * ratio],
      [picked ? colour.primary : colour.text, line],
    ])) {
      pen.strokeStyle = stroke;
      pen.lineWidth = thickness;
      pen.strokeRect(x + line / 2, y + line / 2, width - line, height - line);
    }
  }
}
