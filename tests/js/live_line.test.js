import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

const GIVEN = { parts: [], revision: 'a 1', page_revision: 'p1', poll_seconds: 0.5, fraction: null };

/** A mounted line without a page. Followers answer `shown`; the server answers with `answers`, null: it is away. */
function mounted(answers, shown = []) {
  const log = { addresses: [], subjects: [], sent: [], waits: [] };
  const window = {
    dmViewer: 'tab',
    dispatchEvent: ({ detail }) => {
      log.subjects.push(detail.subject);
      detail.waits.push(...shown.map(value => Promise.resolve(value)));
    },
  };
  const scope = {
    window,
    document: { hidden: false },
    fetch: async address => {
      log.addresses.push(address);
      const answer = answers.shift();
      if (!answer) throw new TypeError('the server is away');
      const { status = 200, line, pollAfter = null } = answer;
      const headers = { get: name => (name === 'poll-after' ? pollAfter : 'application/json') };
      return { status, ok: status < 400, headers, json: async () => line };
    },
    setTimeout: (callback, wait) => {
      if (callback.name === 'poll') log.waits.push(wait);
      return 1;
    },
  };
  const bar = { firstElementChild: { style: {} }, getAttribute: () => '0', setAttribute() {} };
  const view = {
    ...{
      text: { children: [] },
      bar,
      line: { ...GIVEN },
      given: GIVEN,
      source: '/line?run=a',
      subject: 'run-a',
    },
    send: (...values) => log.sent.push(values),
  };
  return { ...load(['live_line'], ['poll', 'replaces', 'requestRerun'], scope), view, log, window };
}

test('it asks for what is newer than its change token, and asks again as soon as the line says', async () => {
  const { poll, view, log } = mounted([{ line: { ...GIVEN, revision: 'b', poll_seconds: 3 } }]);
  await poll(view);
  assert.deepEqual(log.addresses, ['/line?run=a&moment=a%201&viewer=tab']);
  assert.equal(view.line.revision, 'b');
  assert.deepEqual(log.waits, [3000]);
});

test('followers of its subject are notified of a change, and only then', async () => {
  const { poll, view, log } = mounted([{ line: GIVEN }, { line: { ...GIVEN, revision: 'b' } }], [true, true]);
  await poll(view);
  assert.deepEqual(log.subjects, []);
  view.timer = null;
  await poll(view);
  assert.deepEqual(log.subjects, ['run-a']);
  assert.equal(view.line.revision, 'b');
});

test('while a follower does not show the change, the next poll notifies again', async () => {
  const { poll, view, log } = mounted(
    [{ line: { ...GIVEN, revision: 'b' } }, { line: { ...GIVEN, revision: 'b' } }],
    [false],
  );
  await poll(view);
  assert.equal(view.line.revision, '');
  view.timer = null;
  await poll(view);
  assert.equal(log.subjects.length, 2);
});

test('the script runs once when the page has changed, whichever line sees it', async () => {
  const { poll, requestRerun, view, log, window } = mounted([{ line: { ...GIVEN, page_revision: 'p2' } }]);
  requestRerun(view);
  assert.deepEqual(log.sent, []);
  await poll(view);
  assert.deepEqual(log.sent, [['turned', 'p2']]);
  requestRerun(view);
  assert.equal(log.sent.length, 1, 'not twice at once');
  window.dmTurned -= 2000;
  requestRerun(view);
  assert.equal(log.sent.length, 2, 'again where it did not help');
});

test('a run that was removed makes the script run, again where that began before and still shows it', async t => {
  let now = 100_000;
  t.mock.method(performance, 'now', () => now);
  const { poll, view, log } = mounted([{ status: 404 }, { status: 404 }, { status: 404 }]);
  view.line = view.given;
  await poll(view);
  assert.equal(log.sent.length, 1);
  assert.deepEqual(log.waits, [2000]);
  for (const [later, runs] of [
    [2000, 1],
    [6000, 2],
  ]) {
    now += later;
    view.line = view.given; // as the script drew it
    view.timer = null;
    await poll(view);
    assert.equal(log.sent.length, runs);
  }
});

test('the line of another table takes its place, whatever the change tokens are', () => {
  const { replaces, view } = mounted([]);
  const data = { line: GIVEN, source: view.source, subject: view.subject };
  assert.equal(replaces(view, data), false, 'an older line of the script leaves the newer one of the poll');
  assert.equal(replaces(view, { ...data, line: { ...GIVEN, revision: 'b' } }), true);
  view.source = ''; // a table that has not been started has no address
  assert.equal(replaces(view, { ...data, source: '', subject: 'table1-b' }), true);
});

test('where the server has many viewers it asks later than the line says, with and without news', async () => {
  const { poll, view, log } = mounted([
    { status: 204, pollAfter: '1.50' },
    { line: GIVEN, pollAfter: '0.08' },
  ]);
  await poll(view);
  view.timer = null;
  await poll(view);
  assert.deepEqual(log.waits, [1500, 500]);
});

test('without an answer it keeps its line and asks again, ever more seldom, not with all other viewers', async t => {
  let random = 0;
  t.mock.method(Math, 'random', () => random);
  const away = Array(6).fill(null);
  const { poll, view, log } = mounted([...away, { status: 503 }, { line: GIVEN }, null]);
  for (let polls = 0; polls < 9; polls++) {
    view.timer = null;
    random = polls ? 0.5 : 0;
    await poll(view);
  }
  assert.deepEqual(view.line, GIVEN);
  assert.deepEqual(log.waits, [1500, 4000, 8000, 16000, 16000, 16000, 16000, 500, 2000]);
});

test('a line without a finite interval, as of another version of the app, is polled at the default one', async () => {
  const { poll_seconds: _, ...other } = GIVEN;
  const { poll, view, log } = mounted([{ line: { ...other, every: 1 } }, { status: 204 }]);
  await poll(view);
  view.timer = null;
  await poll(view);
  assert.deepEqual(log.waits, [2000, 2000]);
});
