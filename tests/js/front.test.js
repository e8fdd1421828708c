import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, partsOf } from './load.js';

let calm = false;
const waiting = [];
const names = [
  ...['duration', 'tickMoments', 'secondsText', 'placesOf', 'classAt', 'percentText', 'begin', 'pressPlay'],
  ...['goTo', 'waitForNext', 'showSheets', 'UNDECODABLE', 'showMoment', 'AT_ONCE', 'FIRST_SHOWN'],
  ...['LAST_SHOWN', 'SHOWN', 'reached', 'marksNow'],
];

/** An element that remembers what is written into it. */
const node = () => ({
  style: { setProperty() {} },
  dataset: {},
  attributes: {},
  children: [],
  setAttribute(name, value) {
    this.attributes[name] = String(value);
  },
  getAttribute(name) {
    return this.attributes[name] ?? null;
  },
  append() {},
  replaceChildren() {},
  getContext: () => ({ setTransform() {} }),
});
let decode = async () => ({ width: 280, height: 28 });
const front = load(partsOf('front'), names, {
  window: {
    devicePixelRatio: 1,
    clearTimeout: () => waiting.splice(0),
    setTimeout: (act, after) => waiting.push({ act, after }),
  },
  createImageBitmap: () => decode(),
  document: { createElementNS: node, createElement: node },
  matchMedia: query => ({ matches: calm && query.includes('reduced-motion') }),
  getComputedStyle: () => ({ getPropertyValue: () => '' }),
});

function opened(iterations = [0, 2, 5, 12, 30, 80, 200, 500]) {
  const parts = {};
  const root = { ...node(), querySelector: selector => (parts[selector] ??= node()) };
  return {
    ...{ root, parts, ten: { ...node(), clientWidth: 0, clientHeight: 0 }, slider: node(), button: node() },
    ...{ sheets: null, moment: 0, playing: false, timer: 0 },
    head: {
      ...{ iterations, seconds: iterations.map(at => at / 10) },
      ...{ class_names: [...'abcdefghij'], marks: [] },
    },
  };
}

test('it plays from noise to the end, waits there, and begins again', () => {
  calm = false;
  const view = opened();
  front.begin(view);
  assert.equal(view.playing, true);
  assert.equal(view.moment, 0);
  const seen = [];
  for (let moment = 0; moment < 10; moment++) {
    const [{ act, after }] = waiting;
    assert.equal(waiting.length, 1); // one clock, whatever happened
    seen.push(after);
    act();
  }
  assert.equal(view.moment, 2); // 8 moments, and two of the next round
  assert.deepEqual([seen[0], seen[8]], [front.AT_ONCE, front.FIRST_SHOWN]);
  assert.equal(seen[7], front.LAST_SHOWN);
  assert.ok(seen.slice(1, 7).every(after => after === front.SHOWN));
  assert.ok(front.AT_ONCE < front.FIRST_SHOWN);
});

test('where a first paint played it goes on from there, for as long as its moment has left', () => {
  calm = false;
  const view = opened();
  front.begin(view, { moment: 3, left: 70 });
  assert.deepEqual([view.moment, waiting[0].after], [3, 70]);
  waiting[0].act();
  assert.deepEqual([view.moment, waiting[0].after], [4, front.SHOWN]);
  calm = true;
  front.begin(view, { moment: 3, left: 70 });
  assert.deepEqual([view.moment, waiting.length], [7, 0]);
});

test('the button pauses, and the same button plays on', () => {
  calm = false;
  const view = opened();
  front.begin(view);
  assert.equal(view.button.getAttribute('aria-label'), 'Pause');
  front.pressPlay(view);
  assert.equal(waiting.length, 0);
  assert.equal(view.button.getAttribute('aria-label'), 'Play');
  front.pressPlay(view);
  assert.equal(waiting.length, 1);
});

test('with less motion it opens finished, stands still, and steps', () => {
  calm = true;
  const view = opened();
  front.begin(view);
  assert.deepEqual([view.moment, view.playing, waiting.length], [7, false, 0]);
  assert.equal(view.button.getAttribute('aria-label'), 'Next moment');
  front.pressPlay(view);
  front.pressPlay(view);
  assert.deepEqual([view.moment, waiting.length], [1, 0]);
});

test('what a moment says is its iteration and its seconds', () => {
  calm = false;
  const view = opened();
  front.goTo(view, 7);
  assert.equal(view.parts['.now b'].textContent, '500');
  assert.equal(view.parts['.of'].textContent, 'of 500 · 50\u00a0s');
  assert.equal(view.slider.attributes['aria-valuetext'], 'iteration 500 of 500, 50\u00a0s');
  assert.match(
    view.ten.attributes['aria-label'],
    /^10 learned images, one of each class \(a, b, .*j\), at iteration 500/,
  );
  front.goTo(view, 2);
  assert.equal(view.parts['.of'].textContent, 'of 500 · 0.5\u00a0s');
});

test('the learned images stand where they were last tested, and say after which iteration', () => {
  const view = opened([0, 2, 5, 500]);
  const learned = {
    method: 'learned',
    label: 'ten',
    percent: 71.4,
    detail: '',
    moments: [9, 20, null, 71.4],
  };
  const others = { method: 'whole', label: 'all', percent: 90, detail: '', moments: [] };
  view.head.marks = [learned, others];
  const seen = [0, 1, 2, 3].map(moment => front.marksNow({ ...view, moment })[0]);
  assert.deepEqual(
    seen.map(({ percent }) => percent),
    [9, 20, 20, 71.4],
  );
  assert.deepEqual(
    seen.map(({ when }) => when),
    [0, 2, 2, 500].map(at => ` after iteration ${at}`),
  );
  assert.equal(front.marksNow({ ...view, moment: 1 })[1].percent, 90);
  const untested = { ...learned, moments: [] };
  assert.deepEqual(front.reached(untested, [0, 2, 5, 500], 1), { percent: 71.4, iteration: 500 });
});

test('numbers below the slider are the first, the last and evenly between', () => {
  assert.deepEqual(front.tickMoments(22), [0, 4, 8, 13, 17, 21]);
  assert.deepEqual(front.tickMoments(3), [0, 1, 2]);
  assert.deepEqual(front.tickMoments(1), [0]);
});

test('ten images fill the width in two rows, and a point is in one or between two', () => {
  const { columns, size, distance } = front.placesOf(10, 550);
  assert.equal(columns, 5);
  assert.equal(size, 100);
  assert.equal(4 * distance + size, 550);
  const view = { ten: { clientWidth: 550 }, head: { class_names: [...'abcdefghij'] } };
  const at = (x, y) => front.classAt(view, x, y);
  assert.deepEqual([at(1, 1), at(549, 50), at(50, 113), at(549, 200)], ['a', 'e', 'f', 'j']);
  assert.deepEqual([at(105, 50), at(50, 105), at(50, 400)], ['', '', '']);
});

/** A view whose pictures are about to be decoded. */
function undecoded() {
  const view = opened();
  const names = new Set();
  view.root.classList = {
    add: name => names.add(name),
    remove: name => names.delete(name),
    toggle: (name, on) => (on ? names.add(name) : names.delete(name)),
  };
  Object.assign(view, {
    names,
    text: 'a',
    stopped: false,
    real: { ...node(), clientWidth: 0, clientHeight: 0 },
  });
  Object.assign(view.head, { real: 1, frames: 1, marks: [] });
  return view;
}

test('pictures that are decoded after the front has gone start no clock', async () => {
  calm = false;
  for (const gone of [false, true]) {
    waiting.splice(0);
    const view = undecoded();
    const shown = front.showSheets(view, new Uint8Array(2));
    view.stopped = gone;
    await shown;
    assert.equal(waiting.length, gone ? 0 : 1);
  }
});

test('pictures that cannot be decoded leave a sentence and no clock', async () => {
  waiting.splice(0);
  const before = decode;
  decode = async () => {
    throw new Error('no WebP');
  };
  const view = undecoded();
  await front.showSheets(view, new Uint8Array(2));
  decode = before;
  assert.equal(view.parts['.under'].textContent, front.UNDECODABLE);
  assert.ok(view.names.has('undecodable'));
  assert.equal(waiting.length, 0);
});
