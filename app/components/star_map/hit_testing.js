// @ts-check
// Hit testing: what is pointed at, by mouse, finger or keys, and what is picked.

const STAR_REACH = 12; // CSS pixels
const DOT_REACH = 8; // CSS pixels
/**
 * @param {Panel} panel
 * @param {string} id
 */
const starOf = (panel, id) => panel.stars.find(star => star.id === id);

/**
 * The nearest star within reach, else the nearest real image.
 * @param {View} view
 * @param {Panel} panel
 * @param {number} px CSS pixels of the panel
 * @param {number} py
 * @returns {Target | null}
 */
function hitTest(view, panel, px, py) {
  const { head, scale } = view;
  /** @type {Target | null} */
  let best = null;
  let least = (STAR_REACH * scale) ** 2;
  for (const star of panel.drawn) {
    const distance = (across(view, star.x) - px) ** 2 + (down(view, star.y) - py) ** 2;
    if (distance <= least && visible(view, star.label)) [best, least] = [{ star: star.id }, distance];
  }
  if (best) return best;
  least = (DOT_REACH * scale) ** 2;
  for (const real of view.order) {
    const [x, y] = head.positions[real];
    const distance = (across(view, x) - px) ** 2 + (down(view, y) - py) ** 2;
    if (distance <= least && visible(view, head.label[real])) [best, least] = [{ real }, distance];
  }
  return best;
}

/**
 * Name of a star or real image.
 * @param {View} view
 * @param {Panel} panel
 * @param {Target} target
 */
function describe(view, panel, target) {
  if (target.real !== undefined) return `real, ${nameOf(view, view.head.label[target.real])}`;
  const { label, image } = /** @type {Star} */ (starOf(panel, target.star));
  return `${panel.kind}, ${nameOf(view, label)}, image ${image + 1}`;
}

/**
 * Points at something, or at nothing.
 * @param {View} view
 * @param {Panel | null} panel
 * @param {Target | null} target
 */
function point(view, panel, target) {
  const { pointed } = view;
  if (
    pointed?.panel === (target ? panel : undefined) &&
    pointed?.star === target?.star &&
    pointed?.real === target?.real
  )
    return;
  view.pointed = target && panel && { ...target, panel };
  fillTooltip(view);
  requestDraw(view);
}

/**
 * @param {View} view
 * @param {Panel} panel
 * @param {string} [id] of a star
 */
function pick(view, panel, id) {
  const star = id && starOf(panel, id);
  if (!star || !view.head.pickable) return;
  view.picked = { panel: panel.name, star: star.id };
  view.status.textContent = `${describe(view, panel, { star: star.id })}: picked`;
  requestDraw(view);
  view.send('pick', [panel.name, star.label, star.image]);
}

/**
 * The star that keys start from.
 * @param {View} view
 * @param {Panel} panel
 */
function current(view, panel) {
  const { pointed, picked } = view;
  const id = (pointed?.panel === panel && pointed.star) || (picked?.panel === panel.name && picked?.star);
  const star = id && starOf(panel, id);
  return star && visible(view, star.label) ? star : null;
}

/**
 * The nearest star in the arrow's direction; at first the one in the middle.
 * @param {View} view
 * @param {Panel} panel
 * @param {string} [key]
 */
function nearestStar(view, panel, key) {
  const from = current(view, panel);
  const [dx, dy] = (key && ARROWS[key]) || [0, 0];
  const px = from ? across(view, from.x) : view.size.width / 2;
  const py = from ? down(view, from.y) : view.size.height / 2;
  let best = from;
  let least = Infinity;
  for (const star of panel.stars) {
    if (star === from || !visible(view, star.label)) continue;
    const x = across(view, star.x) - px;
    const y = down(view, star.y) - py;
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    const distance = from ? ahead + 2 * aside : Math.hypot(x, y);
    if ((!from || (ahead > 0 && aside <= 2 * ahead)) && distance < least) [best, least] = [star, distance];
  }
  return best;
}

/**
 * Points at the next star in the arrow's direction.
 * @param {View} view
 * @param {Panel} panel
 * @param {string} key
 */
function moveByKey(view, panel, key) {
  const star = nearestStar(view, panel, key);
  if (!star) return;
  const px = across(view, star.x);
  const py = down(view, star.y);
  if (px < 0 || py < 0 || px > view.size.width || py > view.size.height)
    setViewport(view, view.zoom, star.toX, star.toY);
  view.mouse = null;
  point(view, panel, { star: star.id });
  const title = view.panels.length > 1 && panel.title.textContent;
  view.status.textContent = [describe(view, panel, { star: star.id }), title].filter(Boolean).join(', ');
}
