import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, partsOf } from './load.js';

const { drawName } = load(partsOf('test_stream'), ['drawName']);

test('what an image is, and is taken for, is written whole, or not at all where the edge would cut it', () => {
  const written = [];
  const context = {
    measureText: name => ({ width: 8 * name.length }),
    fillText: name => written.push(name),
  };
  drawName(context, 'Sneaker', 40, 0);
  drawName(context, 'Sneaker', 28, 0);
  drawName(context, 'Sneaker', 27, 1);
  drawName(context, 'Sneaker', -20, 1);
  assert.deepEqual(written, ['Sneaker', 'Sneaker']);
});
