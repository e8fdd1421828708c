import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

const GIVEN = { parts: [], moment: 'a 1', page: 'p1', every: 0.5, fraction: null };

/** A mounted line without a page. Followers answer `shown`; the server answers with `answers`, null: it is away. */
function mounted(answers, shown = []) {
  const log = { addresses: [], subjects: [], sent: [], waits: [] };
  const window = {
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
      const { status = 200, line } = answer;
      return { status, ok: status < 400, headers: { get: () => 'application/json' }, json: async () => line };
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
  return { ...load(['live_line'], ['poll', 'requestRerun'], scope), view, log, window };
}

test('it asks for what is newer than its change token, and asks again as soon as the line says', async () => {
  const { poll, view, log } = mounted([{ line: { ...GIVEN, moment: 'b', every: 3 } }]);
  await poll(view);
  assert.deepEqual(log.addresses, ['/line?run=a&moment=a%201']);
  assert.equal(view.line.moment, 'b');
  assert.deepEqual(log.waits, [3000]);
});

test('followers of its subject are notified of a change, and only then', async () => {
  const { poll, view, log } = mounted([{ line: GIVEN }, { line: { ...GIVEN, moment: 'b' } }], [true, true]);
  await poll(view);
  assert.deepEqual(log.subjects, []);
  view.timer = null;
  await poll(view);
  assert.deepEqual(log.subjects, ['run-a']);
  assert.equal(view.line.moment, 'b');
});

test('while a follower does not show the change, the next poll notifies again', async () => {
  const { poll, view, log } = mounted(
    [{ line: { ...GIVEN, moment: 'b' } }, { line: { ...GIVEN, moment: 'b' } }],
    [false],
  );
  await poll(view);
  assert.equal(view.line.moment, '');
  view.timer = null;
  await poll(view);
  assert.equal(log.subjects.length, 2);
});

test('the script runs once when the page has changed, whichever line sees it', async () => {
  const { poll, requestRerun, view, log, window } = mounted([{ line: { ...GIVEN, page: 'p2' } }]);
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

test('a run that was removed makes the script run, once', async () => {
  const { poll, view, log, window } = mounted([{ status: 404 }, { status: 404 }]);
  await poll(view);
  assert.equal(log.sent.length, 1);
  assert.deepEqual(log.waits, [2000]);
  view.line = { ...GIVEN };
  view.timer = null;
  window.dmTurned -= 2000;
  await poll(view);
  assert.equal(log.sent.length, 1);
});

test('without an answer it keeps its line and asks again', async () => {
  const { poll, view, log } = mounted([null]);
  await poll(view);
  assert.deepEqual(view.line, GIVEN);
  assert.deepEqual(log.waits, [2000]);
});
