// @ts-check
// Live updates of a run: newer projections from the server's address, older ones from its film while the time
// machine is used.

const SCRUB = 120; // milliseconds of a glide while the time machine is used
const EVERY = 2000; // milliseconds between two requests
/**
 * Milliseconds to wait before the next request.
 * @param {number} [requestedAt]
 * @param {number} [every]
 */
const timeToWait = (requestedAt = -Infinity, every = EVERY) =>
  Math.max(0, requestedAt + every - performance.now());
/** @param {View} view */
const isVisible = view => !document.hidden && view.box.clientWidth;

/**
 * Shows the caption, and a note below it.
 * @param {View} view
 * @param {Projection} projection
 * @param {string} [note]
 */
function showCaption(view, projection, note = '') {
  const lines = [...projection.caption, ...(note ? [note] : [])];
  const text = lines.join('\n');
  if (text !== view.captionText) view.caption.replaceChildren(...lines.map(line => element('div', '', line)));
  view.captionText = text;
}

/**
 * Shows a projection from an address: what does not move stays.
 * @param {View} view
 * @param {Projection} projection
 * @param {string} [note]
 * @param {Transition} [transition]
 */
function showProjection(view, projection, note, transition) {
  if (projection !== view.projection) {
    setProjection(view, projection, transition);
    fillTooltip(view);
  }
  showCaption(view, projection, note);
  draw(view);
}

/**
 * Shows the film's projection of an iteration, or the nearest one until it is there.
 * @param {View} view
 * @param {number} iteration
 */
function showStored(view, iteration) {
  const { frames } = view;
  const stops = [...frames.keys()];
  const stored = frames.get(iteration);
  view.at = iteration;
  if (!stored) fetchFilm(view);
  if (!stops.length) return;
  const nearest = stops.reduce((best, stop) =>
    Math.abs(stop - iteration) < Math.abs(best - iteration) ? stop : best,
  );
  showProjection(
    view,
    stored ?? /** @type {Projection} */ (frames.get(nearest)),
    stored
      ? ''
      : `Iteration ${grouped(iteration)} is not on the map: it shows iteration ${grouped(nearest)}.`,
    { lasts: SCRUB, back: true },
  );
}

/**
 * Shows the newest projection again.
 * @param {View} view
 */
function showLive(view) {
  if (view.at === null) return;
  view.at = null;
  showProjection(view, view.live, '', { lasts: SCRUB, back: true, all: true });
  if (view.head.source) refresh(view);
}

/**
 * Fetches the projections of the film that are not there yet: one request at a time.
 * @param {View} view
 */
function fetchFilm(view) {
  const { film } = view.head;
  view.filmTimer ||= setTimeout(async () => {
    view.filmFetchedAt = performance.now();
    try {
      const newest = Math.max(-1, ...view.frames.keys());
      const address = withQuery(film, `after=${newest}`);
      const bytes = view.at !== null && (await readBytes(await fetch(address, { cache: 'no-store' })));
      if (bytes && view.filmOf === film)
        for (const packed of splitFilm(bytes)) {
          const projection = projectionOf(unpack(packed));
          view.frames.set(projection.iteration, projection);
        }
    } catch {
      /* the server is away: fetched again while it is looked at */
    }
    view.filmTimer = null;
    if (view.at !== null && !view.stopped) showStored(view, view.at);
  }, timeToWait(view.filmFetchedAt));
}

/**
 * Fetches the newest projection: throttled, one request at a time, none while hidden.
 * @param {View} view
 */
function refresh(view) {
  view.outdated = true;
  if (view.refreshTimer) return;
  view.refreshTimer = setTimeout(async () => {
    const { source } = view.head;
    if (source && isVisible(view)) {
      view.outdated = false;
      view.refreshedAt = performance.now();
      try {
        const answer = await fetchNewest(source, view.version);
        if (answer.status === OVERLOADED) throw new Error('overloaded');
        const bytes = await readBytes(answer);
        const projection = bytes && projectionOf(unpack(bytes));
        if (projection && !view.stopped && view.at === null && source === view.head.source) {
          view.live = { ...projection, panels: new Map([...view.live.panels, ...projection.panels]) };
          view.version = versionOf(source, answer);
          showProjection(view, projection);
        }
        const newest = answer.status === 304 ? view.live : projection;
        if (newest && newest.behind) view.outdated = true;
      } catch {
        // the server is away or overloaded
        view.outdated = true;
        view.refreshedAt = performance.now() + EVERY;
      }
    }
    view.refreshTimer = null;
    if (view.outdated && !view.stopped && source && isVisible(view)) refresh(view);
  }, timeToWait(view.refreshedAt));
}
