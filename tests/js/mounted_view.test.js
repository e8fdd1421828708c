import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

let resized = null;
const observed = [];
class ResizeObserver {
  constructor(handle) {
    resized = handle;
  }
  observe = node => observed.push(node);
  disconnect = () => (resized = null);
}
const names = ['keepMounted', 'observeSize', 'stopOnceRemoved'];
const script = load([], names, { ResizeObserver, setTimeout: call => call() });

test('a view is kept where it is mounted, and listens until it is stopped', () => {
  const views = new WeakMap();
  const parent = {};
  const view = { root: {} };
  const signal = script.keepMounted(views, parent, view);
  const heard = [];
  const target = new EventTarget();
  target.addEventListener('keydown', () => heard.push('key'), { signal });
  script.observeSize(signal, () => heard.push('size'), view.root);
  assert.equal(views.get(parent), view);
  assert.deepEqual(observed, [view.root]);
  target.dispatchEvent(new Event('keydown'));
  resized();
  assert.deepEqual(heard, ['key', 'size']);
  view.stop();
  target.dispatchEvent(new Event('keydown'));
  assert.equal(resized, null);
  assert.deepEqual(heard, ['key', 'size']);
  assert.equal(view.stopped, true);
  assert.equal(views.has(parent), false);
});

test('an update that overtakes an earlier one stops nothing; a node that is removed does', () => {
  let stopped = 0;
  const node = { isConnected: true };
  const end = script.stopOnceRemoved(node, () => stopped++);
  end();
  assert.equal(stopped, 0);
  node.isConnected = false;
  end();
  assert.equal(stopped, 1);
});
