import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, packed, partsOf } from './load.js';

const names = [
  ...['moved', 'within', 'lastPhase', 'readScenes', 'planeScale', 'pressKey', 'stateOf', 'pressRemoteKey'],
  ...['reportState', 'PHASES', 'createReports', 'isNews', 'step', 'togglePlay', 'reducedMotion', 'phaseTime'],
];
let still = false;
const timers = [];
const shown = [];
const pull = load(partsOf('pull'), [...names, 'goTo'], {
  window: { setTimeout: (call, time) => timers.push({ call, time }), addEventListener() {} },
  clearTimeout: () => timers.splice(0),
  matchMedia: () => ({ matches: still }),
  Element: class {},
});

const image = (count, channels, side) => [count, channels, side, side];
const scene = {
  iteration: 0,
  ...{
    distance: 8,
    real_points: [
      [0, 1],
      [0, -3],
    ],
    synthetic_points: [[8, 0]],
  },
  ...{ real: image(2, 1, 2), real_augmented: image(2, 1, 2), synthetic: image(1, 1, 2) },
  ...{ synthetic_augmented: image(1, 1, 2), after: image(1, 1, 2), gradient: image(1, 1, 2) },
  ...{
    filters: image(3, 1, 1),
    real_maps: [image(2, 2, 2), image(2, 2, 1)],
    synthetic_maps: [image(1, 2, 2)],
  },
};
const head = { scenes: [scene], sentences: [['a']], label: 0, class_names: ['boot'] };
const sizes = [8, 8, 4, 4, 4, 4, 3, 16, 4, 8];

test('pictures are read in the order of the fields, maps by block and image', () => {
  const pixels = sizes.flatMap((size, index) => Array(size).fill(index));
  const { scenes } = pull.readScenes(packed(head, pixels));
  const { pictures } = scenes[0];
  assert.equal(pictures.real.length, 2);
  assert.deepEqual([...pictures.real[1].pixels], [0, 0, 0, 0]);
  assert.equal(pictures.after[0].pixels[0], 4);
  assert.equal(pictures.filters[2].pixels[0], 6);
  assert.equal(pictures.real_maps.length, 2);
  assert.equal(pictures.real_maps[0][1].length, 2);
  assert.deepEqual([...pictures.real_maps[0][1][1].pixels], [7, 7, 7, 7]);
  assert.deepEqual([...pictures.real_maps[1][0][0].pixels], [8]);
  assert.equal(pictures.synthetic_maps[0][0][1].pixels[0], 9);
});

test('a picture of three channels stays whole, and nothing is left over', () => {
  const colour = { ...scene, real: image(2, 3, 2) };
  const pixels = Array.from({ length: 16 + sizes.reduce((sum, size) => sum + size) }, (_, index) => index);
  const { scenes } = pull.readScenes(packed({ ...head, scenes: [colour] }, pixels));
  assert.equal(scenes[0].pictures.real.length, 2);
  assert.deepEqual([...scenes[0].pictures.real[1].pixels], pixels.slice(12, 24));
  assert.equal(scenes[0].pictures.synthetic_maps[0][0][1].pixels.at(-1), pixels.at(-1));
});

test('phases follow each other into the next iteration, and back', () => {
  assert.deepEqual(pull.moved({ scene: 0, phase: 7 }, 1, 6, true), { scene: 1, phase: 1 });
  assert.deepEqual(pull.moved({ scene: 5, phase: 7 }, 1, 6, true), { scene: 0, phase: 1 });
  assert.deepEqual(pull.moved({ scene: 0, phase: 1 }, -1, 6, true), { scene: 5, phase: 7 });
  assert.deepEqual(pull.moved({ scene: 2, phase: 3 }, 1, 6, true), { scene: 2, phase: 4 });
});

test('before a prediction gradient, step and later iterations are not shown', () => {
  assert.deepEqual(pull.moved({ scene: 0, phase: 5 }, 1, 6, false), { scene: 0, phase: 1 });
  assert.deepEqual(pull.moved({ scene: 0, phase: 1 }, -1, 6, false), { scene: 0, phase: 5 });
  assert.deepEqual(pull.within({ scene: 4, phase: 7 }, 6, false), { scene: 0, phase: 5 });
  assert.deepEqual(pull.within({ scene: 9, phase: 9 }, 6, true), { scene: 5, phase: 7 });
});

test('the plane has one scale in both directions and in all iterations', () => {
  const near = { ...scene, distance: 2, synthetic_points: [[2, 0]] };
  const { x, y, unit } = pull.planeScale([{ values: scene }, { values: near }], 400, 300);
  assert.ok(Math.abs(x(8) - x(0) - 8 * unit) < 1e-9);
  assert.ok(Math.abs(y(-3) - y(1) - 4 * unit) < 1e-9, 'up is up');
  assert.ok(Math.abs(x(2) - x(0) - 2 * unit) < 1e-9);
  assert.ok(x(8) < 400 && x(0) > 0 && y(1) > 0 && y(-3) < 300);
});

/** A view whose elements take everything. */
function viewAt(at, changes = {}) {
  const node = () =>
    new Proxy(
      { dataset: {}, style: {}, classList: { toggle() {} }, querySelectorAll: () => [], setAttribute() {} },
      { get: (target, name) => target[name] ?? (name === 'querySelector' ? () => null : undefined) },
    );
  return {
    ...{
      at,
      scenes: Array(6).fill({}),
      revealed: true,
      pageKeys: true,
      playing: false,
      image: 2,
      formula: 1,
    },
    ...{
      head: { label: 9 },
      reports: pull.createReports(),
      root: node(),
      report: (_, state) => shown.push(state),
    },
    ...changes,
  };
}

test('the address names the phase while it stands, and none while it plays', () => {
  const view = viewAt({ scene: 3, phase: 6 });
  assert.deepEqual(pull.stateOf(view), { iteration: 3, phase: 6, label: 9, image: 2, formula: 1 });
  assert.equal(pull.stateOf({ ...view, playing: true }).phase, 0);
  pull.reportState(view, { label: 4 });
  assert.deepEqual(shown.at(-1), { iteration: 3, phase: 6, label: 4, image: 2, formula: 1 });
  assert.equal(pull.isNews(view.reports, shown.at(-1), pull.stateOf(view)), false, 'what was chosen here');
});

test('keys are left alone where they mean something else, and outside unless the page is the scene’s', () => {
  const press = (key, target, changes, pressed = pull.pressKey, phase = 1) => {
    let taken = false;
    const event = { key, composedPath: () => [target], preventDefault: () => (taken = true) };
    const view = viewAt({ scene: 0, phase }, changes);
    try {
      pressed(view, event);
    } catch {
      return 'acted'; // there is no page to draw on
    }
    return taken;
  };
  const select = { matches: selector => selector.includes('select') };
  assert.equal(press('ArrowRight', select), false);
  assert.equal(press('x', {}), false);
  assert.equal(press('5', {}, { revealed: false }), false, 'numbers answer the question');
  assert.equal(press('ArrowRight', {}, { pageKeys: false }), false);
  assert.equal(press('ArrowRight', {}), 'acted');
  assert.equal(press('7', {}), 'acted');
  const remote = { pageKeys: false, remote: true };
  for (const key of ['PageDown', 'PageUp']) {
    const pressed = (target, changes, phase) => press(key, target, changes, pull.pressRemoteKey, phase);
    assert.equal(press(key, {}), false, 'it scrolls');
    assert.equal(pressed({}, {}, 3), false, 'it scrolls');
    assert.equal(pressed({}, remote, 3), 'acted', 'a presentation remote');
    assert.equal(pressed(select, remote, 3), false);
    const [first, last] = key === 'PageUp' ? [1, 7] : [7, 1];
    assert.equal(pressed({}, remote, first), false, 'beyond the end it turns the page');
    assert.equal(pressed({}, remote, last), 'acted');
  }
  assert.equal(press('PageDown', {}, { ...remote, revealed: false }, pull.pressRemoteKey, 5), false);
});

test('a phase is shown as long as its sentence takes to be read', () => {
  const words = count => Array(count).fill('word').join(' ');
  assert.ok(pull.phaseTime(words(20)) >= 3000);
  assert.ok(pull.phaseTime(words(30)) > pull.phaseTime(words(20)));
});

test('with less motion nothing plays', () => {
  still = true;
  const view = viewAt({ scene: 0, phase: 1 });
  pull.togglePlay(view);
  assert.equal(view.playing, false);
  still = false;
});

test('the name of the star stands right of it, and above it where the plane ends', () => {
  const { besideStar } = load(['pull/plane'], ['besideStar'], {});
  const [middle, line] = besideStar(100, 80, 50, 300, 1);
  assert.ok(middle - 25 > 112 && line > 68 && line < 92);
  assert.deepEqual(
    [besideStar(270, 80, 50, 300, 1)[0], besideStar(270, 80, 50, 300, 1)[1] < 68],
    [270, true],
  );
});
