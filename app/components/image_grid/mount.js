// @ts-check
// The grid in the page: its elements and what they listen to. Last part: only it may export.

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();

/** @param {ComponentRoot} parent */
function mount(parent) {
  const view = /** @type {View} */ ({
    root: find(parent, '.grid'),
    canvas: /** @type {HTMLCanvasElement} */ (find(parent, 'canvas')),
    labels: find(parent, '.labels'),
    status: find(parent, 'p'),
    caption: find(parent, '.caption'),
    sources: /** @type {HTMLCanvasElement[]} */ ([]),
    picked: null,
    pointed: null,
  });
  /** @param {MouseEvent} event */
  const cellUnder = event => {
    const area = view.canvas.getBoundingClientRect();
    const x = event.clientX - area.left;
    const y = event.clientY - area.top;
    return (
      view.cells?.find(
        cell => x >= cell.x && x < cell.x + cell.size && y >= cell.y && y < cell.y + cell.size,
      ) ?? null
    );
  };
  view.canvas.addEventListener('pointermove', event => {
    const cell = cellUnder(event);
    view.canvas.style.cursor = cell && view.head.pickable ? 'pointer' : '';
    point(view, cell);
  });
  view.canvas.addEventListener('pointerleave', () => point(view, null));
  view.canvas.addEventListener('blur', () => point(view, null));
  view.canvas.addEventListener('click', event => pick(view, cellUnder(event)));
  view.canvas.addEventListener('keydown', event => {
    if (!view.cells?.length) return;
    if (event.key.startsWith('Arrow')) {
      const cell = nextCell(view, view.cells, event.key);
      point(view, cell);
      view.status.textContent = describe(view, cell);
    } else if (event.key === 'Enter' || event.key === ' ')
      pick(view, view.pointed ?? view.picked ?? view.cells[0]);
    else return;
    event.preventDefault();
  });
  const onResize = () => {
    if (view.arrangedAt === placeOf(view)) return;
    arrange(view);
    draw(view);
  };
  view.observer = new ResizeObserver(onResize);
  view.observer.observe(view.root);
  const page = document.querySelector('[data-testid="stMainBlockContainer"]');
  if (page) view.observer.observe(page); // what stands above may change its height
  window.addEventListener('resize', onResize);
  document.fonts?.ready.then(() => {
    arrange(view);
    draw(view);
  });
  /** @param {WindowEventMap['dm-scrub']} event */
  const onScrub = event => {
    if (view.head?.film && view.head.film === event.detail.film)
      showStored(view, event.detail.frame, event.detail.over);
  };
  window.addEventListener('dm-scrub', onScrub);
  /** @param {WindowEventMap['dm-news']} event */
  const onNews = event => {
    if (view.head.source && event.detail.subject === view.head.subject)
      event.detail.waits.push(refresh(view));
  };
  window.addEventListener('dm-news', onNews);
  view.stop = () => {
    view.stopped = true;
    view.observer.disconnect();
    window.removeEventListener('resize', onResize);
    window.removeEventListener('dm-news', onNews);
    window.removeEventListener('dm-scrub', onScrub);
    views.delete(parent);
  };
  views.set(parent, view);
  return view;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<Uint8Array>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const frame = unpackFrame(data);
  view.send = setTriggerValue;
  // unchanged where a theme was switched: what was fetched since then is newer
  const unchanged = view.lastHeader === frame.text && view.head.source;
  view.lastHeader = frame.text;
  const lookedBack = view.liveFrame; // the script answers: the time machine's frames are over
  view.liveFrame = null;
  if (unchanged && !lookedBack) {
    readColours(view);
    draw(view);
  } else {
    view.version = null;
    showFrame(view, frame);
  }
  return stopOnceRemoved(view.root, view.stop);
}
