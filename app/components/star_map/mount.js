// @ts-check
// The map in the page: its elements and what they listen to. Last part: only it may export.

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();

/**
 * Shows a complete map from the page's script.
 * @param {View} view
 * @param {Packed<MapHead>} packed
 */
function showMap(view, { head, pixels }) {
  const before = view.head;
  const fresh = before?.key !== head.key;
  const projection = projectionOf({ head, pixels });
  view.head = head;
  while (view.panels.length > head.panels.length) view.panels.pop()?.node.remove();
  while (view.panels.length < head.panels.length) view.panels.push(addPanel(view));
  view.series = new Map(head.coloured.map((label, series) => [label, series]));
  if (JSON.stringify(before?.class_names) !== JSON.stringify(head.class_names)) view.hidden.clear();
  const legend = JSON.stringify([head.class_names, head.coloured, head.starts, head.panels.some(isReal)]);
  if (fresh || legend !== view.legend) {
    view.legend = legend;
    view.order = mixedOrder(view);
    buildLegend(view);
  }
  head.panels.forEach(({ name, title, moving, kind, start, ...stars }, index) => {
    const panel = view.panels[index];
    if (panel.name !== name) Object.assign(panel, { name, stars: [], past: [] });
    const starts = start ? pointsById(start, stars) : new Map();
    Object.assign(panel, { moving, kind, starts });
    panel.title.textContent = title;
    panel.title.hidden = !title;
  });
  if (view.filmOf !== head.film) Object.assign(view, { filmOf: head.film, frames: new Map() });
  if (view.thumbsOf !== head.thumbs) Object.assign(view, { thumbsOf: head.thumbs, thumbs: null });
  /** @param {MapHead} head */
  const pickState = ({ picked, panels }) => JSON.stringify([picked, panels.map(panel => panel.name)]);
  // unchanged, it stays as it is: a pending tick would undo a fresh click
  if (!before || pickState(head) !== pickState(before)) {
    const [panel, label, image] = head.picked ?? ['', 0, 0];
    view.picked = head.picked && { panel, star: idOf(label, image) };
  }
  setProjection(view, projection, { all: true, jump: fresh, back: head.iteration < view.iteration });
  view.live = projection;
  if (fresh) fitBounds(view);
  readColours(view);
  showCaption(view, projection);
  draw(view);
  fillTooltip(view);
}

/**
 * @param {ComponentRoot} parent
 * @param {string} within selector of the container whose height the panels fit in; empty: any height
 */
function mount(parent, within) {
  const root = find(parent, '.map');
  const { host } = /** @type {ShadowRoot} */ (root.getRootNode());
  const container = within ? host.closest(within) : null;
  root.classList.toggle('within', container !== null);
  const view = /** @type {View} */ ({
    root,
    container,
    box: find(parent, '.panels'),
    shapes: find(parent, '.shapes'),
    classes: find(parent, '.classes'),
    caption: find(parent, '.caption'),
    status: find(parent, 'p'),
    tooltip: find(parent, '.tip'),
    dots: document.createElement('canvas'),
    panels: /** @type {Panel[]} */ ([]),
    frames: new Map(),
    hidden: new Set(),
    sprites: new Map(),
    at: null,
    pointed: null,
    picked: null,
  });
  find(parent, '.zoom').addEventListener('click', event => {
    const target = /** @type {HTMLElement} */ (event.target);
    const by = Number(target.dataset.by);
    if (by) zoomAt(view, by);
    else if (target.dataset.by) resetZoom(view);
  });
  const signal = keepMounted(views, parent, view);
  const onResize = () => {
    draw(view);
    if (view.outdated && view.head) refresh(view);
  };
  observeSize(signal, onResize, view.box, ...(container ? [container, view.classes] : []));
  window.addEventListener('resize', () => draw(view), { signal });
  window.addEventListener(
    'scroll',
    () => {
      if (view.mouse) {
        view.mouse = null;
        point(view, null, null);
      } else placeTooltip(view);
    },
    { signal, capture: true },
  );
  document.addEventListener(
    'visibilitychange',
    () => {
      if (view.outdated && !document.hidden) refresh(view);
    },
    { signal },
  );
  window.addEventListener(
    'dm-news',
    ({ detail }) => {
      if (view.head?.source && detail.subject === view.head.subject) refresh(view);
    },
    { signal },
  );
  window.addEventListener(
    'dm-scrub',
    ({ detail }) => {
      if (!view.head?.film || detail.subject !== view.head.subject) return;
      if (detail.over) showLive(view);
      else if (detail.iteration !== undefined) showStored(view, detail.iteration);
    },
    { signal },
  );
  signal.addEventListener('abort', () => {
    for (const timer of [view.filmTimer, view.refreshTimer, view.thumbsTimer])
      clearTimeout(timer ?? undefined);
    cancelAnimationFrame(view.drawRequest ?? 0);
  });
  return view;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<Uint8Array>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  /** @type {ReturnType<typeof unpack<MapHead>>} */
  const map = unpack(data);
  const view = views.get(parentElement) ?? mount(parentElement, map.head.within);
  view.send = setTriggerValue;
  // unchanged where a theme was switched: what was fetched since then is newer
  const unchanged = view.lastHeader === map.text && view.head.source && view.at === null;
  view.lastHeader = map.text;
  view.at = null; // the script answers: the time machine's projections are over
  if (unchanged) {
    readColours(view);
    draw(view);
  } else {
    view.version = null;
    showMap(view, map);
  }
  return stopOnceRemoved(view.root, view.stop);
}
