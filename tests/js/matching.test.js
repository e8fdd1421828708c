import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, packed, partsOf } from './load.js';

const matching = load(partsOf('matching'), ['readScene', 'linePoints', 'brief', 'CHART']);
const image = (count, side) => [count, 1, side, side];
const scene = {
  ...{ real: image(2, 2), real_augmented: image(2, 2), synthetic: image(1, 2), filters: image(3, 1) },
  ...{ synthetic_augmented: image(1, 2), after: image(1, 2), gradient: image(1, 2) },
  layers: [{ rows: [1, 1, 1, 4] }, { rows: [1, 1, 1, 2] }],
};

test('pictures are read in the order of the fields, then the rows of each layer', () => {
  const pixels = [8, 8, 4, 4, 4, 4, 3, 4, 2].flatMap((size, index) => Array(size).fill(index));
  const { pictures, rows } = matching.readScene(packed({ scene }, pixels));
  assert.deepEqual([...pictures.real[1].pixels], [0, 0, 0, 0]);
  assert.equal(pictures.gradient[0].pixels[0], 5);
  assert.deepEqual([...pictures.filters[2].pixels], [6]);
  assert.deepEqual([...rows[0].pixels], [7, 7, 7, 7]);
  assert.deepEqual([rows[1].width, rows[1].height, ...rows[1].pixels], [2, 1, 8, 8]);
});

test('a line over epochs begins at the left, ends at the right, and its largest value is at the top', () => {
  const { left, right, top, bottom, width, height } = matching.CHART;
  assert.deepEqual(matching.linePoints([4, 2, 0], 4), [
    [left, top],
    [(left + width - right) / 2, (top + height - bottom) / 2],
    [width - right, height - bottom],
  ]);
  assert.deepEqual(matching.linePoints([1], 1), [[width - right, top]]);
});

test('numbers are brief', () => {
  assert.deepEqual([0, 0.123456, 12.345, 1234].map(matching.brief), ['0', '0.123', '12.3', '1230']);
});
