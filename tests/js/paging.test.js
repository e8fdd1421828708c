import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, partsOf } from './load.js';

/** Functions of the grid, with what they arrange, draw and send counted. */
function paging() {
  const log = { arranged: 0 };
  const scope = {
    setTimeout: run => run(),
    clearTimeout: () => {},
  };
  const parts = partsOf('image_grid').slice(0, -1);
  const names = ['turnPage', 'pageStart', 'pageText', 'showPager'];
  return { log, ...load(parts, names, scope) };
}

function viewOf(first = 0, classes = 25, count = 100) {
  const sent = [];
  const buttons = [0, 1].map(() => ({
    off: null,
    toggleAttribute(_, off) {
      this.off = off;
    },
  }));
  const text = { textContent: '' };
  return {
    sent,
    text,
    buttons,
    head: { class_names: Array(count).fill('a'), alt: 'Images.' },
    layout: { classes },
    firstClass: first,
    pager: { hidden: true, children: [buttons[0], text, buttons[1]] },
    root: { clientWidth: 0 },
    status: { textContent: '' },
    canvas: { setAttribute() {} },
    send: (...value) => sent.push(value),
  };
}

test('a page begins at a multiple of its classes, whatever class it was asked to show', () => {
  const { pageStart } = paging();
  for (const [first, begin] of [
    [0, 0],
    [24, 0],
    [25, 25],
    [99, 75],
    [1000, 75],
  ])
    assert.equal(pageStart(viewOf(first), { classes: 25 }), begin);
});

test('turning a page says which classes are shown, and tells the script where it is', () => {
  const { turnPage } = paging();
  const view = viewOf();
  assert.equal(turnPage(view, 1), true);
  assert.equal(view.firstClass, 25);
  assert.equal(view.status.textContent, 'classes 26–50 of 100');
  assert.deepEqual(view.sent, [['first_class', 25]]);
});

test('there is no page before the first and behind the last, and none where all classes are shown', () => {
  const { turnPage } = paging();
  assert.equal(turnPage(viewOf(0), -1), false);
  assert.equal(turnPage(viewOf(99), 1), false);
  const whole = viewOf(0, 100);
  assert.equal(turnPage(whole, 1), false);
  assert.deepEqual(whole.sent, []);
});

test('the last page has the classes that are left; its buttons lead only where there is a page', () => {
  const { showPager } = paging();
  const view = viewOf(90, 30);
  showPager(view);
  assert.equal(view.pager.hidden, false);
  assert.equal(view.text.textContent, 'classes 91–100 of 100');
  assert.deepEqual(
    view.buttons.map(({ off }) => off),
    [false, true],
  );
  showPager(Object.assign(view, { layout: { classes: 100 } }));
  assert.equal(view.pager.hidden, true);
});

test('a page of one class names it', () => {
  assert.equal(paging().pageText(viewOf(3, 1)), 'class 4 of 100');
});
