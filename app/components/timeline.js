// The browser's half of timeline.py. It moves what follows the same subject by `dm-scrub` events with a frame of the
// film; the script hears only of what is released. State lives in `views`: the function at the end runs on every update.
const views = new WeakMap();
const FILM_SECONDS = 8;
const SLOWEST = 0.25;
const FASTEST = 0.05;
const CALM = 0.6;
const REFRESH = 2000;
const PREFETCH = 1500;
const grouped = number => String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');
const place = (view, iteration) => Math.log1p(iteration) / Math.log1p(Math.max(1, view.newest));

/** The stop at a place of the rail; null: the right end, the newest moment. */
function nearest(view, where) {
  if (where >= (1 + place(view, view.stops.at(-1) ?? 0)) / 2 - 1e-9) return null;
  return view.stops.reduce((best, one) =>
    Math.abs(place(view, one) - where) < Math.abs(place(view, best) - where) ? one : best,
  );
}

function tell(view) {
  const { at, stops, newest, data } = view;
  const end = data.moving ? 'Live' : 'End';
  const said =
    at !== null
      ? `Iteration ${grouped(at)}, looking back`
      : data.moving
        ? 'Live'
        : `Iteration ${grouped(newest)}, the last`;
  view.text.textContent = `${said} \u00b7 ${grouped(stops.length)} stored moments, early ones drawn wider${data.note && ` \u00b7 ${data.note}`}`;
  view.live.textContent = end;
  view.live.setAttribute('aria-pressed', at === null);
  view.play.textContent = view.playing ? '\u275a\u275a Halt' : '\u25b6 Play';
  view.range.setAttribute('aria-valuetext', said);
  if (!view.dragging) view.range.value = at === null ? 1 : place(view, at);
  view.range.disabled = view.play.disabled = stops.length < 2;
}

function drawStops(view) {
  const { canvas } = view;
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (!width) return;
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext('2d');
  pen.fillStyle = getComputedStyle(canvas).color;
  for (const stop of view.stops)
    pen.fillRect(Math.round(place(view, stop) * (width - ratio)), 0, ratio, height);
  const marks = [1, 10, 100, 1000, 10_000].filter(one => one < view.newest * 0.6);
  view.scale.replaceChildren(
    ...marks.map(one => {
      const label = document.createElement('span');
      label.textContent = grouped(one);
      label.style.left = `${100 * place(view, one)}%`;
      return label;
    }),
  );
}

// every thumbnail once; later only those that came since; one question at a time
const fetchFilm = view =>
  (view.fetching ??= askForFilm(view).finally(() => {
    view.fetching = null;
  }));

async function askForFilm(view) {
  const { film } = view.data;
  if (!film) return; // what follows this one has a film of its own
  if (view.filmOf !== film) {
    view.filmOf = film;
    view.frames = new Map();
  }
  const have = Math.max(-1, ...view.frames.keys());
  if ((view.stops.at(-1) ?? -1) <= have) return;
  try {
    const answer = await fetch(`${film}${film.includes('?') ? '&' : '?'}after=${have}`, {
      cache: 'no-store',
    });
    if (answer.status === 200 && view.filmOf === film) {
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const numbers = new DataView(bytes.buffer);
      for (let start = 0; start < bytes.length; ) {
        const length = numbers.getUint32(start, true);
        const frame = bytes.subarray(start + 4, start + 4 + length);
        const head = new TextDecoder().decode(
          frame.subarray(4, 4 + new DataView(frame.buffer, frame.byteOffset).getUint32(0, true)),
        );
        view.frames.set(JSON.parse(head).iteration, frame);
        start += 4 + length;
      }
      if (view.at !== null && view.moved) scrub(view, view.at); // what was asked for before it was there
    }
  } catch {
    /* the server is away: asked again at the next touch */
  }
}

const send = (view, detail) =>
  window.dispatchEvent(
    new CustomEvent('dm-scrub', { detail: { subject: view.data.subject, film: view.data.film, ...detail } }),
  );

function scrub(view, at) {
  view.at = at;
  view.moved = true;
  const stop = at ?? view.stops.at(-1);
  send(view, { iteration: stop, frame: view.frames?.get(stop) });
  tell(view);
}

function release(view) {
  halt(view);
  view.dragging = false;
  if (!view.moved) return tell(view);
  view.moved = false;
  tell(view);
  if (view.at === view.data.at) send(view, { over: true });
  else view.report('at', { iteration: view.at });
}

function step(view, by) {
  const stops = view.stops;
  const from = view.at === null ? stops.length : stops.indexOf(view.at);
  const next = Math.max(0, from + by);
  scrub(view, next >= stops.length ? null : stops[next]);
}

function halt(view) {
  clearTimeout(view.playing);
  view.playing = null;
}

async function play(view) {
  if (view.playing) return release(view);
  view.playing = -1;
  tell(view);
  await fetchFilm(view);
  if (view.playing !== -1 || view.stopped) return;
  if (view.at === null || view.at === view.stops.at(-1)) scrub(view, view.stops[0]);
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const pace = calm ? CALM : Math.min(SLOWEST, Math.max(FASTEST, FILM_SECONDS / view.stops.length));
  const next = () => {
    if (view.stopped) return;
    step(view, 1);
    if (view.at === null) release(view);
    else view.playing = setTimeout(next, 1000 * pace);
  };
  view.playing = setTimeout(next, 1000 * pace);
}

/** Newer stops, no more often than they are worth. */
async function refresh(view) {
  if (view.asking || performance.now() < (view.askedAt ?? -Infinity) + REFRESH) return;
  view.asking = true;
  view.askedAt = performance.now();
  const { source } = view.data;
  try {
    const answer = await fetch(source, { cache: 'no-store' });
    const news = answer.status === 200 && (await answer.json());
    if (news && source === view.data.source && !view.stopped && !view.dragging && !view.playing) {
      Object.assign(view, news);
      drawStops(view);
      tell(view);
    }
  } catch {
    /* the server is away */
  }
  view.asking = false;
}

function mount(parent) {
  const find = query => parent.querySelector(query);
  const view = {
    root: find('.machine'),
    range: find('input'),
    play: find('.play'),
    live: find('.live'),
    text: find('p'),
    canvas: find('canvas'),
    scale: find('.scale'),
    frames: new Map(),
  };
  const { range } = view;
  view.root.addEventListener('pointerenter', () => fetchFilm(view));
  range.addEventListener('focus', () => fetchFilm(view));
  range.addEventListener('input', () => {
    halt(view);
    view.dragging = true;
    fetchFilm(view);
    scrub(view, nearest(view, +range.value));
  });
  range.addEventListener('change', () => release(view));
  range.addEventListener('keydown', event => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[
      event.key
    ];
    if (by) step(view, by);
    else if (event.key === 'Home') scrub(view, view.stops[0]);
    else if (event.key === 'End') scrub(view, null);
    else return;
    event.preventDefault();
    clearTimeout(view.settling);
    view.settling = setTimeout(release, 350, view);
  });
  view.play.addEventListener('click', () => play(view));
  view.live.addEventListener('click', () => {
    scrub(view, null);
    release(view);
  });
  view.observer = new ResizeObserver(() => drawStops(view));
  view.observer.observe(view.root);
  const news = event => {
    if (event.detail.subject === view.data?.subject) refresh(view);
  };
  window.addEventListener('dm-news', news);
  view.stop = () => {
    view.stopped = true;
    halt(view);
    clearTimeout(view.settling);
    view.observer.disconnect();
    window.removeEventListener('dm-news', news);
    views.delete(parent);
  };
  views.set(parent, view);
  return view;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  view.report = setTriggerValue;
  const text = JSON.stringify(data);
  if (view.given !== text) {
    view.given = text;
    view.data = data;
    if (!view.dragging && !view.playing && !view.moved)
      Object.assign(view, { stops: data.stops, newest: data.newest, at: data.at });
  }
  drawStops(view);
  tell(view);
  if (data.eager)
    setTimeout(() => {
      if (!view.stopped) fetchFilm(view);
    }, PREFETCH);
  // Streamlit also runs this when a newer update overtakes this one: only a node that has left the page is ended.
  return () =>
    setTimeout(() => {
      if (!view.root.isConnected) view.stop();
    });
}
