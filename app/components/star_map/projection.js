// Placing the stars of each panel at an iteration: by the script, the server's address or the film. They glide there.
const GLIDE = 600; // milliseconds

function unpack(data) {
  const bytes = data.slice(),
    length = new DataView(bytes.buffer).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  return { head: JSON.parse(text), pixels: bytes.subarray(4 + length), text };
}

const idOf = (label, image) => `${label}.${image}`;

/** Of a whole map as well: where the stars of each panel are. */
function placementOf({ head, pixels }) {
  let start = 0;
  const panels = new Map(
    head.panels.map(one => {
      const size = one.pictures ? one.x.length * one.channels * one.height * one.width : 0,
        { channels, height, width } = one;
      start += size;
      return [
        one.name,
        {
          ...one,
          pictures: size ? { pixels: pixels.subarray(start - size, start), channels, height, width } : null,
        },
      ];
    }),
  );
  return { iteration: head.iteration, alt: head.alt, caption: head.caption, behind: head.behind, panels };
}

const positions = (xs, ys, { label, image }) =>
  new Map(xs.map((x, index) => [idOf(label[index], image[index]), [x, ys[index]]]));

/** A trail from the film. */
function remembered(view, panel, iteration) {
  const before = [...view.frames.keys()]
    .filter(one => one < iteration)
    .sort((a, b) => a - b)
    .slice(-view.head.trails);
  return before
    .map(one => view.frames.get(one).panels.get(panel.name))
    .filter(Boolean)
    .map(one => positions(one.x, one.y, one));
}

// The stars of the named panels set out for their places. `jump`: they are there at once; `back`: their trails are the film's.
function show(view, placement, { lasts = GLIDE, jump = false, back = false, all = false } = {}) {
  const { head } = view,
    { iteration } = placement;
  let news = jump || iteration !== view.iteration;
  for (const panel of view.panels) {
    const given = (all || panel.moving) && placement.panels.get(panel.name);
    if (!given) continue;
    const before = new Map(panel.stars.map(star => [star.id, star]));
    const stars = given.x.map((toX, index) => {
      const label = given.label[index],
        image = given.image[index],
        id = idOf(label, image),
        toY = given.y[index],
        old = jump ? null : before.get(id);
      return { id, label, image, index, x: old?.x ?? toX, y: old?.y ?? toY, toX, toY };
    });
    const moves =
      stars.length !== panel.stars.length ||
      stars.some(star => {
        const old = before.get(star.id);
        return old?.toX !== star.toX || old?.toY !== star.toY;
      });
    if (!head.trails || jump) panel.past = [];
    else if (back && panel.moving) panel.past = remembered(view, panel, iteration);
    else if (moves && before.size)
      panel.past = [...panel.past, new Map(panel.stars.map(star => [star.id, [star.toX, star.toY]]))].slice(
        -head.trails,
      );
    panel.stars = stars;
    panel.drawn = greyFirst(view, [...stars], star => star.label);
    panel.pictures = given.pictures;
    news ||= moves;
  }
  view.iteration = iteration;
  view.placement = placement;
  if (news) {
    const { matches: calm } = matchMedia('(prefers-reduced-motion: reduce)');
    for (const { stars } of view.panels)
      for (const star of stars)
        Object.assign(star, calm ? { x: star.toX, y: star.toY } : { fromX: star.x, fromY: star.y });
    view.glide = jump || calm ? null : { began: performance.now(), lasts };
    view.glided = view.stale = true;
    view.ticks = (view.ticks ?? 0) + 1;
  }
  for (const { canvas, title } of view.panels) {
    canvas.setAttribute(
      'aria-label',
      view.panels.length > 1 && title.textContent ? `${placement.alt} (${title.textContent})` : placement.alt,
    );
    Object.assign(canvas.dataset, { iteration, ticks: view.ticks });
  }
  const { pointed } = view;
  if (
    pointed &&
    (!view.panels.includes(pointed.panel) ||
      (pointed.star ? !starOf(pointed.panel, pointed.star) : pointed.real >= head.x.length))
  )
    view.pointed = null;
}
