import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load, partsOf } from './load.js';

const names = [
  ...['randomNumbers', 'normal', 'cloudPoints', 'startingStars', 'randomNetwork', 'meanFeatures'],
  ...['matchingGradient', 'pullScale', 'createPlane', 'networkAt', 'takeStep', 'rateAt', 'meanDistance'],
  ...['meanPoint', 'lossField', 'encodePoints', 'decodePoints', 'movePoints', 'addPoints', 'MOST_POINTS'],
  ...['STEPS', 'CLOUDS', 'noteOf'],
];
const plane = load(partsOf('plane'), names, {
  window: {},
  getComputedStyle: () => ({}),
  matchMedia: () => ({ matches: false }),
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

test('ever new networks cover every cloud best, sixteen come close, one leaves clumps', () => {
  for (const cloud of Object.keys(plane.CLOUDS))
    for (let seed = 0; seed < 5; seed++) {
      const [one, four, sixteen, ever] = [1, 4, 16, 0].map(count => atRest(count, { cloud, seed }).distance);
      const all = `${cloud} ${seed}: ${one} ${four} ${sixteen} ${ever}`;
      assert.ok(ever < 0.25, all);
      assert.ok(one > 1.4 * ever && one > four, all);
      assert.ok(four > ever && sixteen < 1.4 * ever, all);
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
  near(
    field,
    [4, 1, 0, 1, 4, 1, 0, 1].map((_, at) => [-2, -1, 0, 1][at % 4] ** 2),
    'loss',
  );
});

test('points of a link are those that were drawn, as exactly as it holds them', () => {
  const cloud = [0, 1.2, -2.4, 0.333, 2.5, -2.5, 9, -9];
  const text = plane.encodePoints(cloud);
  assert.match(text, /^[\w-]+$/);
  near(plane.decodePoints(text), [0, 1.2, -2.4, 0.333, 2.5, -2.5, 2.5, -2.5], 'point', 0.0099);
  assert.equal(plane.encodePoints(plane.decodePoints(text)), text);
  assert.deepEqual(plane.decodePoints(''), []);
  for (const absurd of ['A', '<b>', 'AAAA=', '%'])
    assert.ok(Array.isArray(plane.decodePoints(absurd)), absurd);
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
