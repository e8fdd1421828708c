import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, partsOf } from './load.js';

const { meanOf, signedColour } = load(partsOf('averaging'), ['meanOf', 'signedColour']);
const SCALE = [
  [0, 0, 200],
  [100, 100, 100],
  [200, 0, 0],
];

test('images laid on each other are their mean, pixel by pixel', () => {
  const images = { pixels: new Uint8Array([0, 10, 20, 30, 100, 200]), channels: 1, height: 1, width: 2 };
  assert.deepEqual([...meanOf(images, 1)], [0, 10]);
  assert.deepEqual([...meanOf(images, 2)], [10, 20]);
  const three = [...meanOf(images, 3)];
  assert.ok(Math.abs(three[0] - 40) < 1e-9);
  assert.ok(Math.abs(three[1] - 80) < 1e-9);
});

test('a difference is neutral at 0, and has the strongest colour from the stated range on', () => {
  assert.deepEqual(signedColour(0, 50, SCALE), SCALE[1]);
  assert.deepEqual(signedColour(50, 50, SCALE), SCALE[2]);
  assert.deepEqual(signedColour(500, 50, SCALE), SCALE[2]);
  assert.deepEqual(signedColour(-50, 50, SCALE), SCALE[0]);
  assert.deepEqual(signedColour(25, 50, SCALE), [150, 50, 50]);
});
