import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

const names = ['LOADING', 'FAILED', 'SOON', 'AHEAD', 'LONGEST_WAIT', 'pause'];
const given = { figure: '{"data":[],"layout":{}}', revision: 3, alt: 'Loss.', height: 300, view: 'a' };

/** An element as far as the figure uses it. */
function node() {
  return {
    ...{ hidden: true, textContent: '', style: {}, dataset: {}, attributes: {}, listeners: {}, children: [] },
    clientWidth: 0, // nothing is drawn: plotly is not under test
    isConnected: true,
    setAttribute(name, value) {
      this.attributes[name] = value;
    },
    addEventListener(type, listener) {
      this.listeners[type] = listener;
    },
    querySelector() {
      return this.children.at(-1);
    },
    click() {
      this.listeners.click();
    },
  };
}

/** A page with a figure, whose request for plotly.js the test answers. */
function opened() {
  const [figure, mark, wait, words, button] = Array.from({ length: 5 }, node);
  wait.children = [words, button];
  const parts = { '.live-figure': figure, '.live-figure-mark': mark, '.live-figure-wait': wait };
  const requested = [];
  const listeners = {};
  const timers = new Map();
  const window = {
    addEventListener: (type, listener) => (listeners[type] = listener),
    removeEventListener() {},
    dispatchEvent: ({ type }) => listeners[type]?.(),
  };
  const globals = {
    ...{ window, navigator: {}, performance: { now: () => 0 } },
    document: {
      documentElement: {},
      createElement: () => ({ remove() {} }),
      head: { append: script => requested.push(script) },
    },
    getComputedStyle: () => ({ fontSize: '16px' }),
    ResizeObserver: class {
      observe() {}
    },
    setTimeout: (act, after) => timers.set(timers.size + 1, { act, after }).size,
    clearTimeout: id => timers.delete(id),
  };
  const scripts = load(
    ['newest_state', 'plotly_script', 'figure_export', 'live_figure'],
    [...names, 'update'],
    globals,
  );
  const show = plotly =>
    scripts.update({
      data: { ...given, plotly },
      parentElement: { querySelector: selector => parts[selector] },
      setTriggerValue() {},
    });
  const waited = () => timers.forEach(({ act }) => act());
  return { ...scripts, ...{ window, wait, words, button, requested, timers, waited, show } };
}
const settle = () => new Promise(setImmediate);

test('a figure asks for plotly at once, and says that it loads only where that takes a while', async () => {
  const page = opened();
  page.show('/scripts/a.js');
  assert.equal(page.requested[0].src, '/scripts/a.js');
  assert.equal(page.wait.hidden, true);
  assert.ok([...page.timers.values()][0].after <= 500);
  page.waited();
  assert.deepEqual(
    [page.wait.hidden, page.words.textContent, page.button.hidden],
    [false, page.LOADING, true],
  );
  page.window.Plotly = {};
  page.requested[0].onload();
  await settle();
  assert.equal(page.wait.hidden, true);
});

test('where it does not come, the figure says so and a button asks again', async () => {
  const page = opened();
  page.show('/scripts/a.js');
  page.requested[0].onerror();
  await settle();
  assert.deepEqual(
    [page.wait.hidden, page.words.textContent, page.button.hidden],
    [false, page.FAILED, false],
  );
  page.button.click();
  assert.deepEqual([page.words.textContent, page.button.hidden], [page.LOADING, true]);
  assert.equal(page.requested.length, 2);
  page.requested[1].onerror();
  await settle();
  assert.equal(page.words.textContent, page.FAILED);
  page.show('/scripts/b.js'); // a server of another version has come, and the script has run again
  assert.equal(page.requested[2].src, '/scripts/b.js');
  page.window.Plotly = {};
  page.requested[2].onload();
  await settle();
  assert.equal(page.wait.hidden, true);
});

test('at first drawings follow each other without a rest; later they take their share', () => {
  const { pause, AHEAD, LONGEST_WAIT } = opened();
  const view = { ahead: AHEAD, listening: false };
  assert.equal(pause(view, 600), 0);
  assert.equal(view.ahead, AHEAD); // what sets plotly up is not counted
  view.listening = true;
  const rests = Array.from({ length: 60 }, () => pause(view, 100));
  assert.ok(rests.slice(0, 40).every(rest => rest === 0));
  assert.ok(rests.slice(40).every(rest => rest >= 1000 && rest <= LONGEST_WAIT));
});
