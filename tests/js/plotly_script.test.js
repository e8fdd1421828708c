import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

/** The page of a tab: scripts that were put into it, whether one comes, and what was asked for when idle. */
function tab(parts = ['plotly_script', 'plotly_when_idle']) {
  const requested = [];
  const events = [];
  const idle = [];
  const acted = [];
  const window = {
    requestIdleCallback: true,
    addEventListener: (_, act) => acted.push(act),
    dispatchEvent: ({ type }) => events.push(type),
  };
  const document = {
    createElement: name => ({ name, remove: () => (requested.removed = true) }),
    head: { append: script => requested.push(script) },
  };
  const globals = {
    ...{ window, document, HTMLElement: class {} },
    requestIdleCallback: (act, { timeout }) => idle.push({ act, timeout }),
    setTimeout: (act, timeout) => idle.push({ act, timeout }),
    clearTimeout: timer => timer && (idle[timer - 1].cleared = true),
  };
  return { ...load(parts, ['loadPlotly', 'update'], globals), window, requested, events, idle, acted };
}
const plotly = { react() {} };

test('it is requested once, whoever asks, and all are told when it is there', async () => {
  const { loadPlotly, window, requested, events } = tab();
  const both = [loadPlotly('/scripts/a.js'), loadPlotly('/scripts/a.js')];
  assert.deepEqual([requested.length, requested[0].name, requested[0].src], [1, 'script', '/scripts/a.js']);
  window.Plotly = plotly;
  requested[0].onload();
  assert.deepEqual(await Promise.all(both), [plotly, plotly]);
  assert.deepEqual(events, ['plotly-ready']);
  assert.equal(await loadPlotly('/scripts/b.js'), plotly); // a tab keeps the one that it has
  assert.equal(requested.length, 1);
});

test('a request that failed, or brought something else, is forgotten: the next one asks again', async () => {
  const { loadPlotly, window, requested } = tab();
  for (const fails of ['onerror', 'onload']) {
    const asked = loadPlotly('/scripts/a.js');
    requested.at(-1)[fails]();
    await assert.rejects(asked, /plotly\.js did not come from \/scripts\/a\.js/);
    assert.equal(requested.removed, true);
  }
  const asked = loadPlotly('/scripts/b.js'); // of the server that runs now
  window.Plotly = plotly;
  requested.at(-1).onload();
  assert.equal(await asked, plotly);
  assert.deepEqual(
    requested.map(script => script.src),
    ['/scripts/a.js', '/scripts/a.js', '/scripts/b.js'],
  );
});

test('without a figure it waits until the browser is idle, and a failure is left to the figures', async () => {
  const { update, loadPlotly, requested, idle } = tab();
  update({ data: { address: '/scripts/a.js' }, parentElement: {} });
  assert.equal(requested.length, 0);
  assert.equal(idle.length, 1);
  assert.ok(idle[0].timeout > 1000); // not before the page is drawn
  idle[0].act();
  assert.deepEqual([requested.length, idle.length], [0, 2]);
  idle[1].act();
  assert.equal(requested.length, 1);
  requested[0].onerror(); // an unhandled rejection would fail this test
  await new Promise(setImmediate);
  loadPlotly('/scripts/a.js').catch(() => {});
  assert.equal(requested.length, 2);
});

test('whoever does something, or gets another page, is not disturbed: the wait begins anew', () => {
  const { update, idle, acted, requested, window } = tab();
  update({ data: { address: '/scripts/a.js' }, parentElement: {} });
  assert.equal(acted.length, 2); // pointer and keys
  acted[0]();
  acted[1]();
  update({ data: { address: '/scripts/a.js' }, parentElement: {} });
  assert.equal(acted.length, 2);
  assert.deepEqual(
    idle.map(({ cleared }) => cleared ?? false),
    [true, true, true, false],
  );
  idle[3].act();
  window.dmPlotly = Promise.resolve(plotly); // a figure came meanwhile
  idle[4].act();
  assert.equal(requested.length, 0);
  acted[0]();
  assert.equal(idle.length, 5);
});

test('a figure that asks first is not asked for again, and a browser without idle moments waits a while', () => {
  const first = tab();
  first.loadPlotly('/scripts/a.js');
  first.update({ data: { address: '/scripts/a.js' }, parentElement: {} });
  assert.deepEqual([first.requested.length, first.idle.length], [1, 0]);
  const old = tab();
  delete old.window.requestIdleCallback;
  old.update({ data: { address: '/scripts/a.js' }, parentElement: {} });
  assert.ok(old.idle[0].timeout > 1000);
});
