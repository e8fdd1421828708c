import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, packed, partsOf } from './load.js';

/** Answers of a server that has one state, and what was asked of it. */
function server(body) {
  const asked = [];
  const state = { tag: '"1"', asked };
  const fetch = async (source, { headers }) => {
    asked.push(headers['If-None-Match']);
    const known = headers['If-None-Match'] === state.tag;
    return {
      status: known ? 304 : 200,
      headers: { get: name => ({ etag: state.tag, 'content-type': 'application/octet-stream' })[name] },
      arrayBuffer: async () => body.buffer,
    };
  };
  return { state, fetch };
}

test('a grid that shows the newest frame is sent none, and says that it shows it', async () => {
  const { state, fetch } = server(packed({ iteration: 1, lanes: [] }));
  const shown = [];
  const { refresh } = load(partsOf('image_grid').slice(0, -1), ['refresh'], { fetch });
  const view = { head: { source: '/images' }, canvas: { dataset: {}, setAttribute() {} } };
  view.stopped = true; // nothing is drawn in this test; so the frame is not on screen, either
  assert.equal(await refresh(view), true);
  assert.equal(view.version, undefined);
  view.version = { source: '/images', tag: '"1"' };
  assert.equal(await refresh(view), true);
  view.head = { source: '/images?layer=momentum' };
  await refresh(view);
  assert.deepEqual(
    state.asked,
    [undefined, '"1"', undefined],
    'the tag goes to the address that it came from',
  );
});
