import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from './load.js';

const star = JSON.parse(readFileSync(new URL('./star_reference.json', import.meta.url), 'utf8'));
const { starCorners } = load([], ['starCorners']);

test('the star of learned images has the corners that Python and the style sheets draw', () => {
  const corners = starCorners(10);
  assert.equal(corners.length, star.length);
  for (const [at, corner] of corners.entries())
    for (const [axis, length] of corner.entries())
      assert.ok(Math.abs(length - 10 * star[at][axis]) < 1e-3, `corner ${at}`);
});
