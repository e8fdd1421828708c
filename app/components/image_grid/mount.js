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
    pager: find(parent, '.pager'),
    firstClass: 0,
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
      const from = view.pointed ?? view.picked;
      let cell = nextCell(view, view.cells, event.key);
      const down = ARROWS[event.key][1];
      if (down && same(cell, from) && turnPage(view, down)) cell = view.cells.at(down < 0 ? -1 : 0) ?? cell;
      point(view, cell);
      view.status.textContent = describe(view, cell);
    } else if (event.key === 'PageDown' || event.key === 'PageUp') {
      if (!turnPage(view, event.key === 'PageDown' ? 1 : -1)) return;
    } else if (event.key === 'Enter' || event.key === ' ')
      pick(view, view.pointed ?? view.picked ?? view.cells[0]);
    else return;
    event.preventDefault();
  });
  for (const [index, pages] of [-1, 1].entries())
    view.pager.querySelectorAll('button')[index].addEventListener('click', () => turnPage(view, pages));
  const onResize = () => {
    if (view.arrangedAt === placeOf(view)) return;
    arrange(view);
    draw(view);
  };
  const signal = keepMounted(views, parent, view);
  signal.addEventListener('abort', () => clearTimeout(view.turning));
  const page = document.querySelector('[data-testid="stMainBlockContainer"]');
  observeSize(signal, onResize, view.root, ...(page ? [page] : [])); // what stands above may change its height
  window.addEventListener('resize', onResize, { signal });
  document.fonts?.ready.then(() => {
    arrange(view);
    draw(view);
  });
  window.addEventListener(
    'dm-scrub',
    ({ detail: { film, frame, over } }) => {
      if (view.head?.film && view.head.film === film) showStored(view, frame, over);
    },
    { signal },
  );
  window.addEventListener(
    'dm-news',
    ({ detail: { subject, waits } }) => {
      if (view.head.source && subject === view.head.subject) waits.push(refresh(view));
    },
    { signal },
  );
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
  if (view.subject !== frame.head.subject) view.firstClass = frame.head.first_class; // later turns are its own
  view.subject = frame.head.subject;
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
