// @ts-check
// Projections: positions of each panel's stars at an iteration, decoded, and the glide of the stars to them.

const GLIDE = 600; // milliseconds

/**
 * @param {number} label
 * @param {number} image
 */
const idOf = (label, image) => `${label}.${image}`;

/**
 * Positions of the stars of each panel, from decoded bytes; a complete map has them as well.
 * @param {Packed<ProjectionHead>} packed
 * @returns {Projection}
 */
function projectionOf({ head, pixels }) {
  let start = 0;
  const panels = new Map(
    head.panels.map(panel => {
      const [count, channels, height, width] = panel.hover_images ?? [0, 0, 0, 0];
      const size = count * channels * height * width;
      start += size;
      return /** @type {const} */ ([
        panel.name,
        {
          ...panel,
          pictures: size ? { pixels: pixels.subarray(start - size, start), channels, height, width } : null,
        },
      ]);
    }),
  );
  return { iteration: head.iteration, alt: head.alt, caption: head.caption, behind: head.behind, panels };
}

/**
 * @param {Point[]} points
 * @param {{label: number[], image: number[]}} stars
 * @returns {Positions}
 */
const pointsById = (points, { label, image }) =>
  new Map(points.map((point, index) => [idOf(label[index], image[index]), point]));

/**
 * Where the stars of a panel are, or glide to.
 * @param {Panel} panel
 * @returns {Positions}
 */
const targetsOf = panel => new Map(panel.stars.map(star => [star.id, [star.toX, star.toY]]));

/**
 * Past positions of a panel from the film.
 * @param {View} view
 * @param {Panel} panel
 * @param {number} iteration
 */
function filmTrail(view, panel, iteration) {
  const before = [...view.frames.keys()]
    .filter(stored => stored < iteration)
    .sort((a, b) => a - b)
    .slice(-view.head.trails);
  return before
    .map(stored => view.frames.get(stored)?.panels.get(panel.name))
    .filter(stored => stored !== undefined)
    .map(stored => pointsById(stored.positions, stored));
}

/**
 * Sends the stars of the named panels on their way to new positions.
 * @param {View} view
 * @param {Projection} projection
 * @param {Transition} [transition]
 */
function setProjection(view, projection, { lasts = GLIDE, jump = false, back = false, all = false } = {}) {
  const { head } = view;
  const { iteration } = projection;
  let changed = jump || iteration !== view.iteration;
  for (const panel of view.panels) {
    const incoming = (all || panel.moving) && projection.panels.get(panel.name);
    if (!incoming) continue;
    const before = new Map(panel.stars.map(star => [star.id, star]));
    const stars = incoming.positions.map(([toX, toY], index) => {
      const label = incoming.label[index];
      const image = incoming.image[index];
      const id = idOf(label, image);
      const old = jump ? null : before.get(id);
      const x = old?.x ?? toX;
      const y = old?.y ?? toY;
      return { id, label, image, index, x, y, fromX: x, fromY: y, toX, toY };
    });
    const moves =
      stars.length !== panel.stars.length ||
      stars.some(star => {
        const old = before.get(star.id);
        return old?.toX !== star.toX || old?.toY !== star.toY;
      });
    if (!head.trails || jump) panel.past = [];
    else if (back && panel.moving) panel.past = filmTrail(view, panel, iteration);
    else if (moves && before.size) panel.past = [...panel.past, targetsOf(panel)].slice(-head.trails);
    panel.stars = stars;
    panel.drawn = greyFirst(view, [...stars], star => star.label);
    panel.pictures = incoming.pictures;
    changed ||= moves;
  }
  view.iteration = iteration;
  view.projection = projection;
  if (changed) {
    const still = reducedMotion();
    for (const { stars } of view.panels)
      for (const star of stars)
        Object.assign(star, still ? { x: star.toX, y: star.toY } : { fromX: star.x, fromY: star.y });
    view.glide = jump || still ? null : { began: performance.now(), lasts };
    view.glided = view.stale = true;
    view.ticks = (view.ticks ?? 0) + 1;
  }
  for (const { canvas, title } of view.panels) {
    canvas.setAttribute(
      'aria-label',
      view.panels.length > 1 && title.textContent
        ? `${projection.alt} (${title.textContent})`
        : projection.alt,
    );
    Object.assign(canvas.dataset, { iteration, ticks: view.ticks });
  }
  if (view.pointed && !exists(view, view.pointed)) view.pointed = null;
}

/**
 * Whether what was pointed at is still there.
 * @param {View} view
 * @param {NonNullable<View['pointed']>} pointed
 */
function exists(view, { panel, star, real }) {
  if (!view.panels.includes(panel)) return false;
  return real === undefined ? Boolean(starOf(panel, star)) : real < view.head.positions.length;
}
