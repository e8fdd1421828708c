// What is pointed at, by mouse, finger or keys, and what is picked.
const STAR_REACH = 12,
  DOT_REACH = 8; // CSS pixels
const starOf = (panel, id) => panel.stars.find(star => star.id === id);

/** The nearest star, else the nearest real image. */
function find(view, panel, px, py) {
  const { head, scale } = view;
  let best = null,
    least = (STAR_REACH * scale) ** 2;
  for (const star of panel.drawn) {
    const distance = (across(view, star.x) - px) ** 2 + (down(view, star.y) - py) ** 2;
    if (distance <= least && visible(view, star.label)) [best, least] = [{ star: star.id }, distance];
  }
  if (best) return best;
  least = (DOT_REACH * scale) ** 2;
  for (const real of view.order) {
    const distance = (across(view, head.x[real]) - px) ** 2 + (down(view, head.y[real]) - py) ** 2;
    if (distance <= least && visible(view, head.label[real])) [best, least] = [{ real }, distance];
  }
  return best;
}

function describe(view, panel, { star, real }) {
  if (real >= 0) return `real, ${nameOf(view, view.head.label[real])}`;
  const { label, image } = starOf(panel, star);
  return `${panel.kind}, ${nameOf(view, label)}, image ${image + 1}`;
}

function point(view, panel, found) {
  const { pointed } = view;
  if (
    pointed?.panel === (found ? panel : undefined) &&
    pointed?.star === found?.star &&
    pointed?.real === found?.real
  )
    return;
  view.pointed = found && { ...found, panel };
  fillTip(view);
  request(view);
}

function pick(view, panel, id) {
  const star = id && starOf(panel, id);
  if (!star || !view.head.pickable) return;
  view.picked = { panel: panel.name, star: id };
  view.status.textContent = `${describe(view, panel, { star: id })}: picked`;
  request(view);
  view.send('pick', { panel: panel.name, class: star.label, image: star.image });
}

/** The star that keys start from. */
function current(view, panel) {
  const { pointed, picked } = view,
    id = (pointed?.panel === panel && pointed.star) || (picked?.panel === panel.name && picked.star);
  const star = id && starOf(panel, id);
  return star && visible(view, star.label) ? star : null;
}

/** In the arrow's direction; at first the one in the middle. */
function nearestStar(view, panel, key) {
  const from = current(view, panel),
    [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key] ?? [0, 0];
  const px = from ? across(view, from.x) : view.size.width / 2,
    py = from ? down(view, from.y) : view.size.height / 2;
  let best = from,
    least = Infinity;
  for (const star of panel.stars) {
    if (star === from || !visible(view, star.label)) continue;
    const x = across(view, star.x) - px,
      y = down(view, star.y) - py,
      ahead = x * dx + y * dy,
      aside = Math.abs(x * dy) + Math.abs(y * dx);
    const distance = from ? ahead + 2 * aside : Math.hypot(x, y);
    if ((!from || (ahead > 0 && aside <= 2 * ahead)) && distance < least) [best, least] = [star, distance];
  }
  return best;
}

function walk(view, panel, key) {
  const star = nearestStar(view, panel, key);
  if (!star) return;
  const px = across(view, star.x),
    py = down(view, star.y);
  if (px < 0 || py < 0 || px > view.size.width || py > view.size.height)
    look(view, view.zoom, star.toX, star.toY);
  view.mouse = null;
  point(view, panel, { star: star.id });
  const several = view.panels.length > 1 && panel.title.textContent;
  view.status.textContent = [describe(view, panel, { star: star.id }), several].filter(Boolean).join(', ');
}
