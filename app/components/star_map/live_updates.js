// Following a run: newer placements from the server's address, older ones from its film while the time machine is used.
const SCRUB = 120,
  EVERY = 2000; // milliseconds: of a glide, between two questions
const grouped = number => String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');
const bytesOf = async answer =>
  answer.status === 200 &&
  answer.headers.get('content-type') === 'application/octet-stream' &&
  new Uint8Array(await answer.arrayBuffer());
const pause = (askedAt = -Infinity) => Math.max(0, askedAt + EVERY - performance.now()); // before the next question
const seen = view => !document.hidden && view.box.clientWidth;

function caption(view, placement, note = '') {
  const said = [...placement.caption, ...(note ? [note] : [])],
    text = said.join('\n');
  if (text !== view.said) view.caption.replaceChildren(...said.map(line => element('div', '', line)));
  view.said = text;
}

/** From an address: what does not move stays. */
function update(view, placement, note, how) {
  if (placement !== view.placement) {
    show(view, placement, how);
    fillTip(view);
  }
  caption(view, placement, note);
  draw(view);
}

/** The film's placement, or the nearest one until it is there. */
function lookBack(view, iteration) {
  const { frames } = view,
    stops = [...frames.keys()],
    there = frames.has(iteration);
  view.at = iteration;
  if (!there) fetchFilm(view);
  if (!stops.length) return;
  const nearest = there
    ? iteration
    : stops.reduce((best, one) => (Math.abs(one - iteration) < Math.abs(best - iteration) ? one : best));
  update(
    view,
    frames.get(nearest),
    there ? '' : `Iteration ${grouped(iteration)} is not on the map: it shows iteration ${grouped(nearest)}.`,
    { lasts: SCRUB, back: true },
  );
}

function letGo(view) {
  if (view.at === null) return;
  view.at = null;
  update(view, view.live, '', { lasts: SCRUB, back: true, all: true });
  if (view.head.source) refresh(view);
}

/** One question at a time, for what is not there yet. */
function fetchFilm(view) {
  const { film } = view.head;
  view.filming ||= setTimeout(async () => {
    view.filmAskedAt = performance.now();
    try {
      const bytes =
        view.at !== null &&
        (await bytesOf(
          await fetch(
            `${film}${film.includes('?') ? '&' : '?'}after=${Math.max(-1, ...view.frames.keys())}`,
            { cache: 'no-store' },
          ),
        ));
      const numbers = bytes && new DataView(bytes.buffer);
      for (
        let start = 0, length;
        bytes && view.filmOf === film && start < bytes.length;
        start += 4 + length
      ) {
        length = numbers.getUint32(start, true);
        const placement = placementOf(unpack(bytes.subarray(start + 4, start + 4 + length)));
        view.frames.set(placement.iteration, placement);
      }
    } catch {
      /* the server is away: asked again while it is looked for */
    }
    view.filming = null;
    if (view.at !== null && !view.stopped) lookBack(view, view.at);
  }, pause(view.filmAskedAt));
}

/** No sooner than is worth it, one question at a time, none while hidden. */
function refresh(view) {
  view.late = true;
  if (view.asking) return;
  view.asking = setTimeout(async () => {
    const { source } = view.head;
    if (source && seen(view)) {
      view.late = false;
      view.askedAt = performance.now();
      try {
        const bytes = await bytesOf(await fetch(source, { cache: 'no-store' }));
        const placement = bytes && placementOf(unpack(bytes));
        if (placement && !view.stopped && view.at === null && source === view.head.source) {
          view.live = { ...placement, panels: new Map([...view.live.panels, ...placement.panels]) };
          update(view, placement);
        }
        if (placement?.behind) view.late = true;
      } catch {
        view.late = true;
        view.askedAt = performance.now() + EVERY;
      } // the server is away
    }
    view.asking = null;
    if (view.late && !view.stopped && source && seen(view)) refresh(view);
  }, pause(view.askedAt));
}
