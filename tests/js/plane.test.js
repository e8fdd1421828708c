import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load, partsOf } from './load.js';

const names = [
  ...['randomNumbers', 'normal', 'cloudPoints', 'startingStars', 'randomNetwork', 'meanFeatures'],
  ...['matchingGradient', 'pullScale', 'createPlane', 'networkAt', 'takeStep', 'rateAt', 'meanDistance'],
  ...['meanPoint', 'lossField', 'encodePoints', 'decodePoints', 'movePoints', 'addPoints', 'MOST_POINTS'],
  ...[
    'STEPS',
    'CLOUDS',
    'noteOf',
    'takeState',
    'changeState',
    'createReports',
    'isEmpty',
    'restart',
    'edit',
    'release',
  ],
  ...['advance', 'showFrame', 'reveal', 'pressKey', 'showTexts', 'FIELD_NETWORKS'],
];
let calm = false;
const plane = load(partsOf('plane'), names, {
  window: {},
  getComputedStyle: () => ({}),
  requestAnimationFrame: () => 1,
  matchMedia: query => ({ matches: calm && query.includes('reduced-motion') }),
});
const cases = JSON.parse(readFileSync(new URL('./plane_reference.json', import.meta.url), 'utf8'));
const near = (actual, expected, what, by = 1e-10) => {
  assert.equal(actual.length, expected.length, what);
  actual.forEach((value, at) => assert.ok(Math.abs(value - expected[at]) < by, `${what} ${at}: ${value}`));
};

for (const [index, kept] of cases.entries())
  test(`features, loss, gradient and steps are those of the formula in numpy, case ${index}`, () => {
    const network = Float64Array.from(kept.network);
    const means = plane.meanFeatures(kept.cloud, network);
    near(means, kept.means, 'mean feature');
    const { loss, gradient } = plane.matchingGradient(kept.stars, network, means);
    near([loss], [kept.loss], 'loss');
    near(gradient, kept.gradient, 'gradient');
    const state = { stars: kept.stars.length / 2, features: network.length / 3 };
    const stars = Float64Array.from(kept.stars);
    const view = {
      count: 1,
      networks: [network],
      realMeans: [],
      stars,
      velocity: new Float64Array(stars.length),
    };
    for (let step = 0; step < 5; step++) plane.takeStep(view, state, kept.cloud, step, 1);
    near(view.stars, kept.moved, 'star after five steps');
  });

test('the gradient is that of the loss, by finite differences', () => {
  const cloud = plane.cloudPoints('moon');
  const network = plane.randomNetwork(16, 5, 0);
  const means = plane.meanFeatures(cloud, network);
  const stars = plane.startingStars(7);
  const { gradient } = plane.matchingGradient(stars, network, means);
  const by = 1e-6;
  const slopes = stars.map((_, at) => {
    const [less, more] = [-by, by].map(change => {
      const moved = stars.slice();
      moved[at] += change;
      return plane.matchingGradient(moved, network, means).loss;
    });
    return (more - less) / (2 * by);
  });
  near(gradient, slopes, 'slope', 1e-7);
});

test('a network has directions of length 1 and biases within 1.5; seed and index name it', () => {
  const network = plane.randomNetwork(2000, 1, 7);
  const biases = [];
  for (let at = 0; at < network.length; at += 3) {
    near([Math.hypot(network[at], network[at + 1])], [1], 'length');
    biases.push(network[at + 2]);
  }
  assert.ok(Math.max(...biases) <= 1.5 && Math.max(...biases) > 1.45);
  assert.ok(Math.min(...biases) >= -1.5 && Math.min(...biases) < -1.45);
  assert.ok(Math.abs(biases.reduce((sum, bias) => sum + bias) / 2000) < 0.08);
  assert.deepEqual(plane.randomNetwork(8, 1, 7), plane.randomNetwork(8, 1, 7));
  assert.notDeepEqual(plane.randomNetwork(8, 1, 7), plane.randomNetwork(8, 1, 8));
  assert.notDeepEqual(plane.randomNetwork(8, 1, 7), plane.randomNetwork(8, 2, 7));
});

test('random numbers are uniform, normal ones have mean 0 and deviation 1', () => {
  const random = plane.randomNumbers(3, 1);
  const uniform = Array.from({ length: 20_000 }, random);
  const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(uniform.every(value => value >= 0 && value < 1));
  assert.ok(Math.abs(mean(uniform) - 0.5) < 0.01);
  const drawn = Array.from({ length: 20_000 }, () => plane.normal(random));
  assert.ok(Math.abs(mean(drawn)) < 0.03);
  assert.ok(Math.abs(mean(drawn.map(value => value ** 2)) - 1) < 0.05);
});

/** Stars of a plane with `count` networks at rest. */
function atRest(count, more = {}) {
  const state = { cloud: 'ring', stars: 12, features: 8, seed: 0, ...more };
  const cloud = plane.cloudPoints(state.cloud);
  const view = plane.createPlane(count, state);
  for (let step = 0; step < plane.STEPS; step++) plane.takeStep(view, state, cloud, step, plane.rateAt(step));
  return { cloud, stars: view.stars, distance: plane.meanDistance(cloud, view.stars) };
}

/** Distance with `count` networks at rest, the mean over draws of the networks. */
function meanAtRest(count, more, draws = 6) {
  const seeds = Array.from({ length: draws }, (_, seed) => seed);
  return seeds.reduce((sum, seed) => sum + atRest(count, { seed, ...more }).distance, 0) / draws;
}

test('on average ever new networks cover every cloud best, sixteen come close, one leaves clumps', () => {
  for (const cloud of Object.keys(plane.CLOUDS)) {
    const [one, four, sixteen, ever] = [1, 4, 16, 0].map(count => meanAtRest(count, { cloud }));
    const all = `${cloud}: ${one} ${four} ${sixteen} ${ever}`;
    assert.ok(one > 1.4 * four && four > 1.15 * sixteen && sixteen > 1.03 * ever, all);
    assert.ok(one > 2 * ever && sixteen < 1.15 * ever && ever < 0.25, all);
  }
});

/** The note where nothing is drawn behind. */
const noteAt = features =>
  plane.noteOf({
    state: { stars: 12, features, behind: 'nothing', networks: ['1', '4', '16', 'new'] },
    cloud: [0, 0],
    panels: [],
  });

test('the note on few features is there where sixteen networks stay behind ever new ones', () => {
  for (const features of [2, 3]) {
    assert.match(noteAt(features), /on average even sixteen stay behind/);
    for (const cloud of Object.keys(plane.CLOUDS)) {
      const [sixteen, ever] = [16, 0].map(count => meanAtRest(count, { cloud, features }));
      assert.ok(sixteen > 1.15 * ever, `${features} ${cloud}: ${sixteen} ${ever}`);
    }
  }
  assert.match(noteAt(8), /^Drag the cloud/);
});

test('the notes on many features are there where four networks, or one, come close', () => {
  assert.match(noteAt(32), /^With 32 .* on average four come close to a new one each step\. /);
  assert.match(noteAt(64), /^With 64 .* on average four come close .* even one is not far off\./);
  for (const features of [32, 64])
    for (const cloud of Object.keys(plane.CLOUDS)) {
      const [one, four, ever] = [1, 4, 0].map(count => meanAtRest(count, { cloud, features }, 3));
      assert.ok(four < 1.15 * ever, `${features} ${cloud}: ${four} ${ever}`);
      assert.ok(features < 64 || one < 1.4 * ever, `${features} ${cloud}: ${one} ${ever}`);
    }
});

test('one star comes to rest close to the mean of the cloud', () => {
  for (const cloud of Object.keys(plane.CLOUDS))
    for (let seed = 0; seed < 5; seed++) {
      const rest = atRest(0, { cloud, seed, stars: 1 });
      const mean = plane.meanPoint(rest.cloud);
      const far = Math.hypot(rest.stars[0] - mean[0], rest.stars[1] - mean[1]);
      assert.ok(far < 0.15, `${cloud} ${seed}: ${far}`);
    }
});

test('stars stay in the plane for every number of stars and features', () => {
  for (const stars of [1, 2, 12, 20])
    for (const features of [2, 8, 64])
      for (const count of [1, 4, 0]) {
        const reach = Math.max(...atRest(count, { stars, features }).stars.map(Math.abs));
        assert.ok(reach < 5, `${stars} stars, ${features} features, ${count} networks: ${reach}`);
      }
});

test('planes share their first networks, and one of ever new ones has all of them', () => {
  const state = { stars: 12, features: 8, seed: 4 };
  const [one, four, ever] = [1, 4, 0].map(count => plane.createPlane(count, state));
  for (const step of [0, 1, 3])
    assert.deepEqual(plane.networkAt(four, state, step), plane.networkAt(ever, state, step));
  assert.deepEqual(plane.networkAt(four, state, 4), plane.networkAt(one, state, 4));
  assert.notDeepEqual(plane.networkAt(ever, state, 4), plane.networkAt(four, state, 4));
  assert.deepEqual(one.stars, ever.stars);
});

test('the field of a linear network is a valley; its lowest place has the features of the cloud', () => {
  const cloud = [0.5, 1, 0.5, -1];
  const field = plane.lossField(cloud, [Float64Array.of(1, 0, 10)], 4, 2, 2, 1);
  near(field, [4, 1, 0, 1, 4, 1, 0, 1], 'loss');
  const upright = plane.lossField([0, 0.5], [Float64Array.of(0, 1, 10)], 2, 2, 2, 1);
  near(upright, [0, 0, 1, 1], 'loss, the top row first');
  const [flat, steep] = [Float64Array.of(1, 0, 10), Float64Array.of(0, 1, 10)];
  near(plane.lossField([0, 0.5], [flat, steep], 2, 2, 2, 1), [0.5, 0.5, 1, 1], 'mean over networks');
});

test('points of a link are those that were drawn, as exactly as it holds them', () => {
  const cloud = [0, 1.2, -2.4, 0.333, 2.5, -2.5, 9, -9];
  const text = plane.encodePoints(cloud);
  assert.match(text, /^[\w-]+$/);
  near(plane.decodePoints(text), [0, 1.2, -2.4, 0.333, 2.5, -2.5, 2.5, -2.5], 'point', 0.0099);
  assert.equal(plane.encodePoints(plane.decodePoints(text)), text);
  assert.deepEqual(plane.decodePoints(''), []);
  for (const absurd of ['A', '<b>', 'AAAA=', '%']) assert.deepEqual(plane.decodePoints(absurd), [], absurd);
  for (const points of ['', 'A', 'AA']) assert.ok(plane.isEmpty({ cloud: 'own', points }), points);
  assert.ok(!plane.isEmpty({ cloud: 'own', points: text }));
  assert.ok(!plane.isEmpty({ cloud: 'ring', points: '' }));
  const many = plane.encodePoints(new Array(2 * plane.MOST_POINTS).fill(1));
  assert.equal(plane.decodePoints(many + many).length, 2 * plane.MOST_POINTS);
});

test('points near the pointer move with it, others stay; drawn ones are added, never too many', () => {
  const moved = plane.movePoints([0, 0, 0.25, 0, 3, 3], [0, 0], [0.1, 0.2]);
  near(moved.slice(0, 2), [0.1, 0.2], 'under it');
  assert.ok(moved[2] > 0.25 && moved[2] < 0.35);
  near(moved.slice(4), [3, 3], 'far away');
  const drawn = plane.addPoints([], [1, -1]);
  assert.equal(drawn.length, 6);
  for (let at = 0; at < 6; at += 2) assert.ok(Math.hypot(drawn[at] - 1, drawn[at + 1] + 1) < 0.5);
  let cloud = [];
  for (let n = 0; n < 500; n++) cloud = plane.addPoints(cloud, [0, 0]);
  assert.equal(cloud.length, 2 * plane.MOST_POINTS);
});

const START = { cloud: 'ring', stars: 12, features: 8, networks: ['4'], seed: 0, behind: 'loss', points: '' };

/** A view as far as clock and editing use it. */
function viewOf(more = {}, state = {}) {
  const element = () => ({
    classList: { toggle() {} },
    dataset: {},
    style: { setProperty() {} },
    setAttribute() {},
    querySelector: () => null,
  });
  const buttons = Object.fromEntries(
    ['play', 'step', 'again', 'draw', 'networks', 'clear'].map(name => [name, element()]),
  );
  const panel = { name: '4', node: element(), mark: element(), canvas: element(), field: null };
  Object.assign(panel, { distance: element(), bar: element() });
  const view = {
    ...{ state: { ...START, ...state }, reports: plane.createReports(), revealed: false, guessed: [] },
    ...{ root: element(), fields: new Map(), buttons, panels: [panel], note: {}, count: {}, status: {} },
    ...{ playing: false, frame: 0, frames: 0, last: 0, due: 0, size: { width: 0, height: 0 } },
    ...{ drawing: false, edited: false, sent: [], ...more },
  };
  view.report = (_, value) => view.sent.push(value);
  plane.restart(view);
  return view;
}

/** Lets it play for some seconds. */
function playFor(view, seconds) {
  const end = (view.now ?? 0) + 1000 * seconds;
  for (view.now ??= 0; view.now < end; plane.showFrame(view, view.now)) view.now += 20;
}

test('before a prediction the planes take eight steps, however the cloud is dragged', () => {
  const view = viewOf();
  for (let n = 0; n < 5; n++) {
    playFor(view, 1);
    plane.edit(view, [1, 0], [1.1, 0]);
    playFor(view, 1);
    plane.release(view);
  }
  playFor(view, 5);
  assert.equal(view.step, 8);
  view.revealed = true;
  plane.reveal(view);
  plane.edit(view, [1, 0], [1.1, 0]);
  playFor(view, 1);
  assert.ok(view.step > 100);
});

test('a cloud drawn before the prediction has its opening, too, with less motion as a still', () => {
  for (const less of [false, true]) {
    calm = less;
    const view = viewOf({ drawing: true }, { cloud: 'own' });
    const stars = [...view.panels[0].plane.stars];
    playFor(view, 1);
    assert.equal(view.step, 0, 'an empty cloud pulls nowhere');
    assert.deepEqual([...view.panels[0].plane.stars], stars);
    plane.edit(view, [1, 1], [1, 1]);
    playFor(view, 5);
    assert.equal(view.step, 0, 'it waits for the end of the edit');
    plane.release(view);
    playFor(view, 5);
    assert.equal(view.step, 8);
  }
  calm = false;
});

test('the field of the loss stays while the cloud is edited, and is drawn anew after it', () => {
  const view = viewOf({ revealed: true });
  const field = (view.panels[0].field = {});
  plane.edit(view, [1, 0], [1.1, 0]);
  assert.equal(view.panels[0].field, field);
  assert.ok(view.dotsStale);
  plane.release(view);
  assert.equal(view.panels[0].field, null);
});

test('what the script repeats late is no news; an earlier state, as Back brings it, is', () => {
  const view = viewOf();
  const at = seed => ({ ...START, seed });
  assert.ok(plane.takeState(view, at(1)));
  plane.changeState(view, { seed: 2 });
  plane.changeState(view, { seed: 3 });
  assert.ok(!plane.takeState(view, at(1)), 'a script run from before');
  assert.ok(!plane.takeState(view, at(2)), 'late');
  assert.equal(view.state.seed, 3);
  assert.ok(!plane.takeState(view, at(3)));
  assert.ok(plane.takeState(view, at(2)), 'Back');
  assert.equal(view.state.seed, 2);
  assert.ok(plane.takeState(view, at(1)), 'Back again');
  assert.ok(plane.takeState(view, at(2)), 'Forward');
  plane.takeState(view, { ...START, cloud: 'own', points: 'A' });
  assert.ok(view.drawing, 'no points: they are drawn first');
});

test('Space scrolls with Shift and before there is something to play', () => {
  const press = (view, more) => {
    let taken = false;
    const event = { key: ' ', composedPath: () => [{}], preventDefault: () => (taken = true), ...more };
    plane.pressKey(view, event);
    return taken;
  };
  assert.ok(!press(viewOf()));
  assert.ok(!press(viewOf({ revealed: true }), { shiftKey: true }));
  assert.ok(press(viewOf({ revealed: true })));
  assert.ok(press(viewOf({ revealed: true }), { key: 'b' }));
});

test('buttons that have nothing to do keep the focus', () => {
  const view = viewOf({ revealed: true });
  plane.showTexts(view);
  assert.deepEqual([view.buttons.play.ariaDisabled, view.buttons.step.ariaDisabled], ['false', 'false']);
  plane.advance(view, plane.STEPS);
  view.playing = false;
  plane.showTexts(view);
  assert.deepEqual([view.buttons.play.ariaDisabled, view.buttons.step.ariaDisabled], ['true', 'true']);
  assert.ok(!view.buttons.play.disabled && !view.buttons.step.disabled);
});
