import assert from 'node:assert/strict';
import { test } from 'node:test';
import { film, load, packed } from './load.js';

const PARTS = ['packed_frame', 'newest_state', 'timeline'];
const { railPosition, nearestStop, grouped } = load(PARTS, ['railPosition', 'nearestStop', 'grouped']);
const view = { stops: [0, 1, 10, 100, 1000], newest: 1000 };

test('the rail is logarithmic, from 0 to the newest iteration', () => {
  assert.equal(railPosition(view, 0), 0);
  assert.equal(railPosition(view, 1000), 1);
  const early = railPosition(view, 10) - railPosition(view, 0);
  const late = railPosition(view, 1000) - railPosition(view, 990);
  assert.ok(early > 20 * late);
  assert.equal(railPosition({ newest: 0 }, 0), 0, 'also before the first iteration');
});

test('every stop is found at its own position', () => {
  for (const stop of view.stops.slice(0, -1)) assert.equal(nearestStop(view, railPosition(view, stop)), stop);
});

test('between stops the nearer one is taken, as seen on the rail', () => {
  const [ten, hundred] = [railPosition(view, 10), railPosition(view, 100)];
  assert.equal(nearestStop(view, 0.6 * ten + 0.4 * hundred), 10);
  assert.equal(nearestStop(view, 0.4 * ten + 0.6 * hundred), 100);
  assert.equal(nearestStop(view, 0), 0);
});

test('the right end is the newest iteration, from half way behind the last stop', () => {
  const later = { stops: [0, 10, 100], newest: 1000 };
  const last = railPosition(later, 100);
  assert.equal(nearestStop(later, 1), null);
  assert.equal(nearestStop(later, last + 0.6 * (1 - last)), null);
  assert.equal(nearestStop(later, last + 0.4 * (1 - last)), 100);
  assert.equal(nearestStop(view, 1), null);
});

test('thousands are grouped by a narrow space', () => {
  assert.equal(grouped(999), '999');
  assert.equal(grouped(20_000), '20\u202f000');
  assert.equal(grouped(1_234_567), '1\u202f234\u202f567');
});

/** A mounted timeline without a page, and what it sends. */
function mounted(answers, more = {}) {
  const events = [];
  const addresses = [];
  const scope = {
    window: { dispatchEvent: ({ detail }) => events.push(detail) },
    fetch: async address => {
      addresses.push(address);
      const bytes = answers.shift();
      if (!bytes) throw new TypeError('the server is away');
      return { status: 200, arrayBuffer: async () => bytes.buffer };
    },
  };
  const node = () => ({ setAttribute() {} });
  const timeline = {
    ...{ text: node(), live: node(), play: node(), range: node() },
    ...{ stops: [0, 5, 20], newest: 30, at: null, frames: new Map() },
    data: { film: '/film?run=a', subject: 'run-a', at: null, moving: true, note: '' },
    report: (...values) => events.push(values),
    ...more,
  };
  return { ...load(PARTS, ['fetchFilm', 'step', 'showStop', 'release'], scope), timeline, events, addresses };
}

/** A timeline mounted as in a page; its elements run the listeners that they were given. */
function onPage() {
  const addresses = [];
  const classes = [];
  const element = () => {
    const listeners = {};
    return {
      listeners,
      style: {},
      classList: { toggle: (name, on) => on && classes.push(name) },
      setAttribute() {},
      addEventListener: (name, listener) => (listeners[name] = listener),
    };
  };
  const elements = {};
  const parent = { querySelector: selector => (elements[selector] ??= element()) };
  const windowListeners = {};
  const window = {
    addEventListener: (name, listener) => (windowListeners[name] = listener),
    dispatchEvent() {},
  };
  const scope = {
    window,
    fetch: async address => {
      addresses.push(address);
      return { status: 204 };
    },
    setTimeout: callback => callback(),
    ResizeObserver: class {
      observe() {}
    },
  };
  const { update } = load(PARTS, ['update'], scope);
  const data = {
    stops: [0, 5],
    newest: 9,
    at: null,
    moving: true,
    subject: 'run-a',
    film: '/film',
    note: '',
    brief: false,
  };
  const show = more =>
    update({ data: { ...data, source: '/stops', ...more }, parentElement: parent, setTriggerValue() {} });
  return {
    show,
    elements,
    classes,
    addresses,
    news: () => windowListeners['dm-news']({ detail: { subject: 'run-a' } }),
  };
}

test('on a projector it says the iteration alone, beside the rail', () => {
  const { show, elements, classes } = onPage();
  show({ moving: false, note: 'click an image' });
  assert.match(elements.p.textContent, /stored iterations.* click an image/);
  assert.deepEqual(classes, []);
  show({ moving: false, note: 'click an image', brief: true });
  assert.equal(elements.p.textContent, 'Iteration 9');
  show({ at: 5, brief: true });
  assert.equal(elements.p.textContent, 'Iteration 5');
  assert.ok(classes.includes('brief'));
});

test('a film is fetched when a person touches the timeline, and not before', async () => {
  const { show, elements, addresses, news } = onPage();
  for (const stops of [[0], [0, 5], [0, 5, 20]]) {
    show({ stops });
    news();
    await null;
  }
  for (const node of Object.values(elements)) node.listeners.pointerenter?.({});
  assert.deepEqual(
    addresses.filter(address => address.startsWith('/film')),
    [],
  );
  elements.input.listeners.focus({});
  assert.deepEqual(
    addresses.filter(address => address.startsWith('/film')),
    ['/film?after=-1'],
  );
});

const frames = [0, 5, 20].map(iteration => packed({ iteration }, [iteration, 255]));

test('a film is fetched once, later only what came since', async () => {
  const { fetchFilm, timeline, addresses } = mounted([film(frames.slice(0, 2)), film(frames.slice(2))]);
  await Promise.all([fetchFilm(timeline), fetchFilm(timeline)]);
  assert.deepEqual([...timeline.frames.keys()], [0, 5]);
  assert.deepEqual([...timeline.frames.get(5)], [...frames[1]]);
  await fetchFilm(timeline);
  assert.deepEqual([...timeline.frames.keys()], [0, 5, 20]);
  await fetchFilm(timeline);
  assert.deepEqual(addresses, ['/film?run=a&after=-1', '/film?run=a&after=5']);
});

test('without an answer the film is fetched again later', async () => {
  const { fetchFilm, timeline } = mounted([null, film(frames)]);
  await fetchFilm(timeline);
  assert.equal(timeline.frames.size, 0);
  await fetchFilm(timeline);
  assert.equal(timeline.frames.size, 3);
});

test('another run has a film of its own', async () => {
  const { fetchFilm, timeline, addresses } = mounted([film(frames), film(frames.slice(0, 1))]);
  await fetchFilm(timeline);
  timeline.data = { ...timeline.data, film: '/film' };
  await fetchFilm(timeline);
  assert.deepEqual([...timeline.frames.keys()], [0]);
  assert.equal(addresses[1], '/film?after=-1');
});

test('a frame that was shown before it was there is shown when it comes', async () => {
  const { fetchFilm, showStop, timeline, events } = mounted([film(frames)]);
  showStop(timeline, 5);
  assert.equal(events.at(-1).frame, undefined);
  await fetchFilm(timeline);
  assert.equal(events.at(-1).iteration, 5);
  assert.deepEqual([...events.at(-1).frame], [...frames[1]]);
});

test('steps go over the stops, to the newest iteration and back', () => {
  const { step, timeline } = mounted([]);
  const at = [-1, -1, -10, 1, 1, 1, 1].map(by => (step(timeline, by), timeline.at));
  assert.deepEqual(at, [20, 5, 0, 5, 20, null, null]);
});

test('a released stop is sent to the script, unless the script shows it already', () => {
  const { showStop, release, timeline, events } = mounted([]);
  release(timeline);
  assert.deepEqual(events, []);
  showStop(timeline, 5);
  release(timeline);
  assert.deepEqual(events.at(-1), ['at', { iteration: 5 }]);
  showStop(timeline, null);
  release(timeline);
  assert.deepEqual(events.at(-1), { subject: 'run-a', film: '/film?run=a', over: true });
});
