// @ts-check
// Hit testing, and what is pointed at and picked, by mouse or keys.

/**
 * @param {View} view
 * @param {ImageId} cell
 */
const describe = (view, cell) => {
  const { class_names, lanes } = view.head;
  const lane = lanes[cell.lane];
  return [
    class_names[cell.label],
    lane.of > 1 && `image ${lane.first + cell.image + 1} of ${lane.of}`,
    lanes.length > 1 && lane.title,
  ]
    .filter(Boolean)
    .join(', ');
};

/**
 * @param {View} view
 * @param {Cell | null} cell
 */
function point(view, cell) {
  if (view.pointed === cell) return;
  view.pointed = cell;
  view.canvas.title = cell ? describe(view, cell) : '';
  draw(view);
}

/**
 * @param {View} view
 * @param {ImageId | null} cell
 */
function pick(view, cell) {
  if (!cell || !view.head.pickable) return;
  view.picked = cell;
  draw(view);
  view.status.textContent = `${describe(view, cell)}: picked`;
  const lane = view.head.lanes[cell.lane];
  view.send('pick', [lane.name, cell.label, lane.first + cell.image]);
}

/**
 * The nearest image in the arrow's direction.
 * @param {View} view
 * @param {Cell[]} cells
 * @param {string} key
 */
function nextCell(view, cells, key) {
  const from = cells.find(cell => same(cell, view.pointed ?? view.picked));
  if (!from) return cells[0];
  const [dx, dy] = ARROWS[key];
  let best = from;
  let least = Infinity;
  for (const cell of cells) {
    const right = cell.x + cell.size / 2 - (from.x + from.size / 2);
    const down = cell.y + cell.size / 2 - (from.y + from.size / 2);
    const ahead = right * dx + down * dy;
    const aside = Math.abs(right * dy) + Math.abs(down * dx);
    if (ahead > 1 && ahead + 3 * aside < least && (dy || aside < Math.max(from.size, cell.size) / 2))
      [best, least] = [cell, ahead + 3 * aside];
  }
  return best;
}
