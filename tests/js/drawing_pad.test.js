import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

const { readInk } = load(['packed_frame', 'drawing_pad'], ['readInk']);

test('a drawing is the canvas averaged down to its side', () => {
  const data = new Uint8ClampedArray(4 * 280 * 280).fill(255);
  for (let pixel = 0; pixel < 280 * 280; pixel++) data[4 * pixel] = 0; // only red is read
  const white = (x, y) => (data[4 * (y * 280 + x)] = 255);
  for (let y = 0; y < 5; y++) for (let x = 5; x < 10; x++) white(x, y);
  white(279, 279);
  const ink = readInk({ data: { side: 56 }, pen: { getImageData: () => ({ data }) } });
  assert.equal(ink.length, 56 * 56);
  assert.deepEqual([...ink.slice(0, 3)], [0, 255, 0]);
  assert.equal(ink[56], 0);
  assert.equal(ink.at(-1), Math.round(255 / 25));
});
