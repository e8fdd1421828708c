// A map in the page: its elements, what it listens to, what it is told. The function at the end runs on every update
// with the same parentElement, so state lives in `views`. The last part: only it may export.
const views = new WeakMap();

/** A whole map from the page's script. */
function take(view, { head, pixels }) {
  const before = view.head,
    fresh = before?.key !== head.key,
    given = placementOf({ head, pixels });
  view.head = head;
  while (view.panels.length > head.panels.length) view.panels.pop().node.remove();
  while (view.panels.length < head.panels.length) view.panels.push(addPanel(view));
  view.series = new Map(head.coloured.map((label, series) => [label, series]));
  if (JSON.stringify(before?.classes) !== JSON.stringify(head.classes)) view.hidden.clear();
  const legend = JSON.stringify([head.classes, head.coloured, head.starts]);
  if (fresh || legend !== view.legend) {
    view.legend = legend;
    view.order = mixed(view);
    buildLegend(view);
  }
  head.panels.forEach((one, index) => {
    const panel = view.panels[index];
    if (panel.name !== one.name) Object.assign(panel, { name: one.name, stars: [], past: [] });
    Object.assign(panel, {
      moving: one.moving,
      kind: one.kind,
      starts: one.startX ? positions(one.startX, one.startY, one) : new Map(),
    });
    panel.title.textContent = one.title;
    panel.title.hidden = !one.title;
  });
  if (view.filmOf !== head.film) Object.assign(view, { filmOf: head.film, frames: new Map() });
  if (view.thumbsOf !== head.thumbs) Object.assign(view, { thumbsOf: head.thumbs, thumbs: null });
  const chosen = one => JSON.stringify([one.picked, one.panels.map(panel => panel.name)]);
  if (!before || chosen(head) !== chosen(before)) {
    // else a tick on its way would undo a fresh click
    const [panel, label, image] = head.picked ?? [];
    view.picked = head.picked && { panel, star: idOf(label, image) };
  }
  show(view, given, { all: true, jump: fresh, back: head.iteration < view.iteration });
  view.live = given;
  if (fresh) bound(view);
  readColours(view);
  caption(view, given);
  draw(view);
  fillTip(view);
}

function mount(parent) {
  const find_ = query => parent.querySelector(query);
  const view = {
    root: find_('.map'),
    box: find_('.panels'),
    shapes: find_('.shapes'),
    classes: find_('.classes'),
    caption: find_('.caption'),
    status: find_('p'),
    tip: find_('.tip'),
    dots: document.createElement('canvas'),
    panels: [],
    frames: new Map(),
    hidden: new Set(),
    sprites: new Map(),
    at: null,
    pointed: null,
    picked: null,
  };
  find_('.zoom').addEventListener('click', ({ target }) => {
    const by = +target.dataset.by;
    if (by) zoomAt(view, by);
    else if (target.dataset.by) wholeMap(view);
  });
  view.observer = new ResizeObserver(() => {
    draw(view);
    if (view.late && view.head) refresh(view);
  });
  view.observer.observe(view.box);
  const listen = { signal: (view.ending = new AbortController()).signal };
  window.addEventListener('resize', () => draw(view), listen);
  window.addEventListener(
    'scroll',
    () => {
      if (view.mouse) {
        view.mouse = null;
        point(view, null, null);
      } else placeTip(view);
    },
    { ...listen, capture: true },
  );
  document.addEventListener(
    'visibilitychange',
    () => {
      if (view.late && !document.hidden) refresh(view);
    },
    listen,
  );
  window.addEventListener(
    'dm-news',
    ({ detail }) => {
      if (view.head?.source && detail.subject === view.head.subject) refresh(view);
    },
    listen,
  );
  window.addEventListener(
    'dm-scrub',
    ({ detail }) => {
      if (!view.head?.film || detail.subject !== view.head.subject) return;
      if (detail.over) letGo(view);
      else if (Number.isFinite(detail.iteration)) lookBack(view, detail.iteration);
    },
    listen,
  );
  view.stop = () => {
    view.stopped = true;
    view.observer.disconnect();
    view.ending.abort();
    for (const timer of [view.filming, view.asking]) clearTimeout(timer);
    cancelAnimationFrame(view.requested);
    views.delete(parent);
  };
  views.set(parent, view);
  return view;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement),
    map = unpack(data);
  view.send = setTriggerValue;
  const again = view.given === map.text && view.head.source && view.at === null; // a theme was switched: what was fetched since then is newer
  view.given = map.text;
  view.at = null; // the script answers: the time machine's placements are over
  if (again) {
    readColours(view);
    draw(view);
  } else take(view, map);
  // Streamlit also runs this when a newer update overtakes this one: only a node that has left the page is ended.
  return () =>
    setTimeout(() => {
      if (!view.root.isConnected) view.stop();
    });
}
