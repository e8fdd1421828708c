// @ts-check
// Timeline of a run's stored iterations, the time machine. It moves what follows the same subject by
// `dm-scrub` events with a frame of the film; the script is sent only the stop at which it is released.

/**
 * What timeline.py sends.
 * @typedef {object} TimelineData
 * @property {number[]} stops stored iterations, ascending
 * @property {number} newest iteration
 * @property {number | null} at the stop that is shown; null: the newest iteration
 * @property {boolean} moving whether newer iterations are to come
 * @property {string} subject
 * @property {string} film address of the thumbnails
 * @property {string} note
 * @property {boolean} brief whether its text is the iteration alone, beside it
 * @property {string} source address of the newest `stops` and `newest`
 */
/**
 * State of a mounted timeline. Fields without brackets are there once it has its first data.
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {HTMLInputElement} range
 * @property {HTMLButtonElement} play
 * @property {HTMLButtonElement} live
 * @property {HTMLElement} text
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} scale
 * @property {TimelineData} data
 * @property {string} [lastData] as JSON
 * @property {number[]} stops
 * @property {number} newest
 * @property {number | null} at
 * @property {Map<number, Uint8Array<ArrayBuffer>>} frames of the film, by iteration
 * @property {string} [filmOf] address that `frames` are from
 * @property {Promise<void> | null} [fetching]
 * @property {boolean} [dragging]
 * @property {boolean} [moved] whether a stop is shown that the script does not know of
 * @property {number | null} [playing] timer of the next stop; -1: waiting for the film
 * @property {number} [settling] timer after which keys release the stop
 * @property {Version | null} [version] of the newest stops
 * @property {boolean} [refreshing]
 * @property {number} [refreshedAt]
 * @property {boolean} [stopped]
 * @property {SendValue} report
 * @property {() => void} stop
 */

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();
const FILM_SECONDS = 8; // of a run that is played, within limits
const SLOWEST = 0.25; // seconds per stop
const FASTEST = 0.05; // seconds per stop
const CALM = 0.6; // seconds per stop where less motion is preferred
const REFRESH = 2000; // milliseconds between two requests
const SETTLE = 350; // milliseconds without a key after which the stop is released
/** Stops that a key moves by. @type {Record<string, number>} */
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

/**
 * Position of an iteration on the logarithmic rail, 0 to 1.
 * @param {View} view
 * @param {number} iteration
 */
const railPosition = (view, iteration) => Math.log1p(iteration) / Math.log1p(Math.max(1, view.newest));

/**
 * The stop nearest to a position of the rail; null: the right end, the newest iteration.
 * @param {View} view
 * @param {number} at
 */
function nearestStop(view, at) {
  if (at >= (1 + railPosition(view, view.stops.at(-1) ?? 0)) / 2 - 1e-9) return null;
  return view.stops.reduce((best, stop) =>
    Math.abs(railPosition(view, stop) - at) < Math.abs(railPosition(view, best) - at) ? stop : best,
  );
}

/** @param {View} view */
function showText(view) {
  const { at, stops, newest, data } = view;
  const end = data.moving ? 'Live' : 'End';
  const position =
    at !== null
      ? `Iteration ${grouped(at)}, looking back`
      : data.moving
        ? 'Live'
        : `Iteration ${grouped(newest)}, the last`;
  const noun = stops.length === 1 ? 'stored iteration' : 'stored iterations, early ones drawn wider';
  const count = `${grouped(stops.length)} ${noun}`;
  const brief = at === null && data.moving ? end : `Iteration ${grouped(at ?? newest)}`;
  const words = data.brief ? [brief] : [position, count, ...(data.note ? [data.note] : [])];
  view.text.textContent = words.join(' \u00b7 ');
  view.live.textContent = end;
  view.live.setAttribute('aria-pressed', String(at === null));
  view.play.textContent = view.playing ? '\u275a\u275a Halt' : '\u25b6 Play';
  view.range.setAttribute('aria-valuetext', position);
  if (!view.dragging) view.range.value = String(at === null ? 1 : railPosition(view, at));
  view.range.disabled = view.play.disabled = stops.length < 2;
}

/**
 * Draws a line per stop, and the scale.
 * @param {View} view
 */
function drawStops(view) {
  const { canvas } = view;
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (!width) return;
  Object.assign(canvas, { width, height });
  const pen = contextOf(canvas);
  pen.fillStyle = getComputedStyle(canvas).color;
  for (const stop of view.stops)
    pen.fillRect(Math.round(railPosition(view, stop) * (width - ratio)), 0, ratio, height);
  const marks = [1, 10, 100, 1000, 10_000].filter(iteration => iteration < view.newest * 0.6);
  view.scale.replaceChildren(
    ...marks.map(iteration => {
      const label = element('span', '', grouped(iteration));
      label.style.left = `${100 * railPosition(view, iteration)}%`;
      return label;
    }),
  );
}

/**
 * Fetches every thumbnail once, later only those that came since: one request at a time, and none before a
 * person touches the timeline.
 * @param {View} view
 */
const fetchFilm = view =>
  (view.fetching ??= requestFilm(view).finally(() => {
    view.fetching = null;
  }));

/** @param {View} view */
async function requestFilm(view) {
  const { film } = view.data;
  if (!film) return; // what follows this one has a film of its own
  if (view.filmOf !== film) {
    view.filmOf = film;
    view.frames = new Map();
  }
  const newest = Math.max(-1, ...view.frames.keys());
  if ((view.stops.at(-1) ?? -1) <= newest) return;
  try {
    const answer = await fetch(withQuery(film, `after=${newest}`), { cache: 'no-store' });
    if (answer.status === 200 && view.filmOf === film) {
      const bytes = new Uint8Array(await answer.arrayBuffer());
      for (const frame of splitFilm(bytes)) {
        /** @type {ReturnType<typeof unpack<{iteration: number}>>} */
        const { head } = unpack(frame);
        view.frames.set(head.iteration, frame);
      }
      if (view.at !== null && view.moved) showStop(view, view.at); // requested before it was there
    }
  } catch {
    /* the server is away: fetched again when it is next used */
  }
}

/**
 * @param {View} view
 * @param {Partial<ScrubDetail>} detail
 */
const sendScrub = (view, detail) =>
  window.dispatchEvent(
    new CustomEvent('dm-scrub', { detail: { subject: view.data.subject, film: view.data.film, ...detail } }),
  );

/**
 * Moves followers to a stop; null: the newest.
 * @param {View} view
 * @param {number | null} at
 */
function showStop(view, at) {
  view.at = at;
  view.moved = true;
  const stop = /** @type {number} */ (at ?? view.stops.at(-1));
  sendScrub(view, { iteration: stop, frame: view.frames.get(stop) });
  showText(view);
}

/**
 * Sends the stop that is shown to the script.
 * @param {View} view
 */
function release(view) {
  halt(view);
  view.dragging = false;
  const { moved } = view;
  view.moved = false;
  showText(view);
  if (!moved) return;
  if (view.at === view.data.at) sendScrub(view, { over: true });
  else view.report('at', { iteration: view.at });
}

/**
 * @param {View} view
 * @param {number} by
 */
function step(view, by) {
  const stops = view.stops;
  const from = view.at === null ? stops.length : stops.indexOf(view.at);
  const next = Math.max(0, from + by);
  showStop(view, next >= stops.length ? null : stops[next]);
}

/** @param {View} view */
function halt(view) {
  clearTimeout(view.playing ?? undefined);
  view.playing = null;
}

/**
 * Plays the film, or halts it.
 * @param {View} view
 */
async function play(view) {
  if (view.playing) return release(view);
  view.playing = -1;
  showText(view);
  await fetchFilm(view);
  if (view.playing !== -1 || view.stopped) return;
  if (view.at === null || view.at === view.stops.at(-1)) showStop(view, view.stops[0]);
  const secondsPerStop = reducedMotion()
    ? CALM
    : Math.min(SLOWEST, Math.max(FASTEST, FILM_SECONDS / view.stops.length));
  const next = () => {
    if (view.stopped) return;
    step(view, 1);
    if (view.at === null) release(view);
    else view.playing = setTimeout(next, 1000 * secondsPerStop);
  };
  view.playing = setTimeout(next, 1000 * secondsPerStop);
}

/**
 * Fetches newer stops, throttled.
 * @param {View} view
 */
async function refresh(view) {
  if (view.refreshing || performance.now() < (view.refreshedAt ?? -Infinity) + REFRESH) return;
  view.refreshing = true;
  view.refreshedAt = performance.now();
  const { source } = view.data;
  try {
    const answer = await fetchNewest(source, view.version);
    const newer = answer.status === 200 && (await answer.json());
    if (newer && source === view.data.source && !view.stopped && !view.dragging && !view.playing) {
      Object.assign(view, newer, { version: versionOf(source, answer) });
      drawStops(view);
      showText(view);
    }
  } catch {
    /* the server is away */
  }
  view.refreshing = false;
}

/** @param {ComponentRoot} parent */
function mount(parent) {
  const view = /** @type {View} */ ({
    root: find(parent, '.machine'),
    range: /** @type {HTMLInputElement} */ (find(parent, 'input')),
    play: /** @type {HTMLButtonElement} */ (find(parent, '.play')),
    live: /** @type {HTMLButtonElement} */ (find(parent, '.live')),
    text: find(parent, 'p'),
    canvas: /** @type {HTMLCanvasElement} */ (find(parent, 'canvas')),
    scale: find(parent, '.scale'),
    frames: new Map(),
  });
  const { range } = view;
  range.addEventListener('focus', () => fetchFilm(view));
  range.addEventListener('input', () => {
    halt(view);
    view.dragging = true;
    fetchFilm(view);
    showStop(view, nearestStop(view, Number(range.value)));
  });
  range.addEventListener('change', () => release(view));
  range.addEventListener('keydown', event => {
    const by = KEYS[event.key];
    if (by) step(view, by);
    else if (event.key === 'Home') showStop(view, view.stops[0]);
    else if (event.key === 'End') showStop(view, null);
    else return;
    event.preventDefault();
    clearTimeout(view.settling);
    view.settling = setTimeout(release, SETTLE, view);
  });
  view.play.addEventListener('click', () => play(view));
  view.live.addEventListener('click', () => {
    showStop(view, null);
    release(view);
  });
  const signal = keepMounted(views, parent, view);
  observeSize(signal, () => drawStops(view), view.root);
  window.addEventListener(
    'dm-news',
    ({ detail }) => {
      if (detail.subject === view.data?.subject) refresh(view);
    },
    { signal },
  );
  signal.addEventListener('abort', () => {
    halt(view);
    clearTimeout(view.settling);
  });
  return view;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<TimelineData>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  view.report = setTriggerValue;
  const text = JSON.stringify(data);
  if (view.lastData !== text) {
    view.lastData = text;
    view.data = data;
    view.version = null;
    if (!view.dragging && !view.playing && !view.moved)
      Object.assign(view, { stops: data.stops, newest: data.newest, at: data.at });
  }
  view.root.classList.toggle('brief', view.data.brief);
  drawStops(view);
  showText(view);
  return stopOnceRemoved(view.root, view.stop);
}
