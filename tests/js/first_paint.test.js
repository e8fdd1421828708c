import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

let calm, time, waiting, frames, later;

/** The page with a first paint in it, on a clock of its own, once its type is there. */
async function page({
  recorded = true,
  tops = { theirs: 0, ours: 0 },
  typeIsThere = Promise.resolve(),
} = {}) {
  [time, waiting, frames, later] = [0, [], [], []];
  const at = name => ({ getBoundingClientRect: () => ({ top: tops[name] }) });
  const pen = new Proxy({}, { get: () => () => undefined, set: () => true });
  const ten = { ...at('ours'), clientWidth: 550, clientHeight: 212, dataset: {}, getContext: () => pen };
  const iterations = [0, 1, 2, 500];
  const sheet = {
    dataset: { head: JSON.stringify({ class_names: [...'abcdefghij'], iterations }) },
    decode: async () => undefined,
  };
  const shadowRoot = {
    querySelector: selector =>
      ({ '.ten': ten, '.frames': recorded ? sheet : null, b: at('ours'), '.stage': stage })[selector],
  };
  const stage = { style: {} };
  const first = { shadowRoot, isConnected: true, remove: () => (first.isConnected = false) };
  const there = { h1: at('theirs') };
  const window = { devicePixelRatio: 1, clearTimeout: () => waiting.splice(0) };
  window.setTimeout = (act, after) => waiting.push({ act, after });
  const found = { first, stage, ten, tops, window, there, location: { pathname: '/' } };
  load(['front/learned', '../server/first_paint'], [], {
    ...{ window, location: found.location, performance: { now: () => time } },
    setTimeout: (act, after) => after < 1000 && later.push(act),
    requestAnimationFrame: act => frames.push(act),
    matchMedia: () => ({ matches: calm }),
    getComputedStyle: () => ({ getPropertyValue: () => 'red' }),
    ResizeObserver: class {
      observe() {}
    },
    MutationObserver: class {
      constructor(seen) {
        found.change = seen;
      }
      observe() {}
      disconnect() {}
    },
    document: {
      fonts: { load: () => typeIsThere },
      getElementById: () => first,
      querySelector: selector => there[selector] ?? null,
    },
  });
  await new Promise(resolve => setTimeout(resolve));
  return { ...found, change: () => found.change(), their: at('theirs') };
}

/** Acts when the clock of the recording says so. */
function tick() {
  const [{ act, after }] = waiting.splice(0);
  time += after;
  act();
}

test('it plays its early moments and waits at the last of them; the finished images are not its end', async () => {
  calm = false;
  const { ten } = await page();
  const seen = [ten.dataset.iteration];
  while (waiting.length) {
    tick();
    seen.push(ten.dataset.iteration);
  }
  assert.deepEqual(seen, ['0', '1', '2']);
});

test('with less motion it shows the finished images and stands still', async () => {
  calm = true;
  const { ten } = await page();
  assert.deepEqual([ten.dataset.iteration, waiting.length], ['500', 0]);
});

test('it gives way once the page stands where it stands, and says where it got to', async () => {
  calm = false;
  const { first, window, tops, their } = await page({ tops: { theirs: 40, ours: 0 } });
  tick();
  time += 100;
  const reached = window.dmHandOver(their);
  frames.shift()();
  assert.ok(first.isConnected);
  tops.theirs = 0;
  frames.shift()();
  assert.deepEqual(await reached, { moment: 1, left: 320 });
  assert.equal(first.isConnected, false);
  assert.equal(waiting.length, 0);
  assert.equal(window.dmHandOver, undefined, 'who comes back later begins at the start');
});

test('a page that stands elsewhere is shown all the same', async () => {
  const { first, window, their } = await page({ tops: { theirs: 40, ours: 0 } });
  const reached = window.dmHandOver(their);
  while (frames.length) frames.shift()();
  await reached;
  assert.equal(first.isConnected, false);
});

test('it waits for the recording, and not where that is missing', async () => {
  for (const recorded of [true, false]) {
    const { first, there, change } = await page({ recorded });
    there['.st-key-front_more button'] = {};
    change();
    assert.equal(first.isConnected, recorded);
  }
});

test('another page takes its place', async () => {
  const { first, location, window, change } = await page();
  location.pathname = '/runs';
  change();
  assert.equal(first.isConnected, false);
  assert.equal(window.dmHandOver, undefined);
});

test('its pictures wait for the lines above them to break where they will, and no longer than a moment', async () => {
  const { stage, ten } = await page({ typeIsThere: new Promise(() => undefined) });
  assert.equal(stage.style.visibility, undefined);
  assert.equal(ten.dataset.iteration, undefined);
  later.shift()();
  await new Promise(resolve => setTimeout(resolve));
  assert.equal(stage.style.visibility, 'visible');
  assert.ok(ten.dataset.iteration);
});
