import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from './load.js';

const names = [
  ...['drawNetwork', 'embedImage', 'featuresOf', 'meanVector', 'squaredDistance', 'normalised', 'asGrey'],
  ...['OPERATIONS', 'augment', 'drawAugmentation', 'randomNumbers', 'mapPictures'],
];
const parts = [
  'random_numbers',
  'random_network/convnet',
  'random_network/pictures',
  'augmentation/operations',
];
const script = load(parts, names);
const reference = JSON.parse(
  readFileSync(new URL('./random_network_reference.json', import.meta.url), 'utf8'),
);
const sheet = { mean: 0.2861, deviation: 0.353 };
const image = script.normalised(reference.pixels, sheet);
const near = (actual, expected, what, by = 1e-4) => {
  assert.equal(actual.length, expected.length, what);
  actual.forEach((value, at) => assert.ok(Math.abs(value - expected[at]) < by, `${what} ${at}: ${value}`));
};

for (const [index, { weights, biases, features }] of reference.networks.entries())
  test(`features are those of dmcore's ConvNet, network ${index}`, () => {
    const network = weights.map((weight, block) => ({
      weight: Float32Array.from(weight),
      bias: Float32Array.from(biases[block]),
    }));
    near(script.featuresOf(image, network), features, 'feature');
    const sides = script.embedImage(image, network).map(({ side }) => side);
    assert.deepEqual(sides, [16, 8, 4]);
    assert.ok(Math.max(...features) > 0.5, 'the comparison is of numbers that are not all 0');
  });

for (const { operation, values, image: expected } of reference.augmented)
  test(`${operation} with ${values} is dmcore's`, () =>
    near(script.augment(image, { operation, values }), expected, 'pixel', 2e-5));

test('every operation is compared with dmcore', () => {
  const compared = new Set(reference.augmented.map(({ operation }) => operation));
  assert.deepEqual([...compared].sort(), Object.keys(script.OPERATIONS).sort());
});

test('weights are uniform in ±1/√inputs; the seed names them', () => {
  const network = script.drawNetwork(7);
  assert.deepEqual(network, script.drawNetwork(7));
  assert.notDeepEqual(network, script.drawNetwork(8));
  assert.equal(script.featuresOf(image, network).length, 256);
  for (const [block, inputs] of [9, 144, 144].entries()) {
    const numbers = [...network[block].weight, ...network[block].bias];
    const bound = 1 / Math.sqrt(inputs);
    assert.ok(Math.max(...numbers) <= bound && Math.max(...numbers) > 0.9 * bound);
    assert.ok(Math.min(...numbers) >= -bound && Math.min(...numbers) < -0.9 * bound);
    assert.ok(Math.abs(numbers.reduce((sum, value) => sum + value) / numbers.length) < bound / 5);
  }
});

test('augmentations are drawn from all names, with parameters over their whole range', () => {
  const random = script.randomNumbers(1);
  const drawn = Array.from({ length: 3000 }, () =>
    script.drawAugmentation(random, ['crop', 'rotate', 'flip']),
  );
  for (const name of ['crop', 'rotate', 'flip']) {
    const share = drawn.filter(({ operation }) => operation === name).length / drawn.length;
    assert.ok(Math.abs(share - 1 / 3) < 0.04, name);
  }
  const rows = new Set(drawn.filter(({ operation }) => operation === 'crop').map(({ values }) => values[0]));
  assert.deepEqual(
    [...rows].sort((a, b) => a - b),
    [-4, -3, -2, -1, 0, 1, 2, 3, 4],
  );
  const degrees = drawn.filter(({ operation }) => operation === 'rotate').map(({ values }) => values[0]);
  assert.ok(Math.min(...degrees) < -14.5 && Math.max(...degrees) > 14.5 && Math.max(...degrees) <= 15);
});

test('means and distances are those of the vectors', () => {
  const [one, other] = [Float32Array.of(1, 2, 3), Float32Array.of(3, 2, 0)];
  assert.deepEqual([...script.meanVector([one, other])], [2, 2, 1.5]);
  assert.equal(script.squaredDistance(one, other), 13);
});

test('grey values come back from normalised ones; maps of a block share one scale', () => {
  assert.deepEqual([...script.asGrey(image, sheet)], reference.pixels);
  const maps = { values: Float32Array.of(0, 1, 0, 0, 4, 0, 0, 2), channels: 2, side: 2 };
  assert.deepEqual(
    script.mapPictures(maps).map(map => [...map]),
    [
      [0, 64, 0, 0],
      [255, 0, 0, 128],
    ],
  );
});
