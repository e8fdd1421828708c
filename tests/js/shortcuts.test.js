import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

/** What scrolls, as far as a page key asks it. */
const scroller = { scrollHeight: 1700, clientHeight: 700, scrollTop: 0 };
scroller.scrollBy = ({ top }) => {
  const most = scroller.scrollHeight - scroller.clientHeight;
  scroller.scrollTop = Math.min(most, Math.max(0, scroller.scrollTop + top));
};
const { press } = load(['keyboard', 'shortcuts'], ['press'], {
  document: { querySelector: () => scroller },
});

/** Keys that a view sends; `press` one after the other. */
function sentBy(view, keys) {
  const sent = [];
  Object.assign(view, { send: (_, { key }) => sent.push(key) });
  for (const key of keys) press(view, { key, composedPath: () => [{}], preventDefault() {} });
  return sent;
}

test('a page key shows the rest of the page before it is sent', () => {
  const view = { keys: ['PageDown', 'PageUp', 's'], scrolls: true };
  assert.deepEqual(sentBy(view, ['PageUp', 's']), ['PageUp', 's'], 'nothing is above');
  assert.deepEqual(sentBy(view, ['PageDown', 'PageDown']), []);
  assert.equal(scroller.scrollTop, 1000);
  assert.deepEqual(sentBy(view, ['PageDown', 'x']), ['PageDown']);
  assert.deepEqual(sentBy({ ...view, scrolls: false }, ['PageUp']), ['PageUp']);
});
