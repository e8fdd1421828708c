import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, partsOf } from './load.js';

const names = [
  ...['computeMissing', 'lookedAt', 'drawPair', 'chosenAugmentation', 'spreadOf', 'sweptValues', 'inWords'],
  ...['OPERATIONS', 'TRIALS', 'OPENING_TRIALS', 'showFrame', 'restart', 'stepOnce', 'togglePlay', 'number'],
  ...['distanceSentence', 'drawnSentence', 'randomNumbers', 'imagesOf', 'drawNetwork'],
];
let calm = false;
const script = load(partsOf('augmentation'), names, {
  requestAnimationFrame: () => 1,
  matchMedia: () => ({ matches: calm }),
});

/** A view of two classes of 20 images, as far as the computation needs it. */
function viewOf(changes = {}) {
  const random = script.randomNumbers(5);
  const pixels = Uint8Array.from({ length: 2 * 20 * 784 }, (_, at) =>
    Math.floor(at % 28 < 10 + ((at / 784) & 7) ? 255 * random() : 0),
  );
  const sheet = { pixels, perClass: 20, classNames: ['one', 'other'], mean: 0.3, deviation: 0.35 };
  const state = { label: 0, operation: 'any', seed: 3, real: '', copies: '', ...changes.state };
  return {
    ...{ sheet, revealed: true, trials: [], work: null, byHand: null, yardsticks: null },
    ...{ network: script.drawNetwork(state.seed), images: script.imagesOf(sheet, state.label, 0) },
    ...{ shown: 0, playing: false, stepping: false, frame: 0, last: 0, now: 0 },
    ...changes,
    state,
  };
}

const compute = (view, times = Infinity) => {
  for (let n = 0; n < times && script.computeMissing(view, () => 0); n++);
};

test('the same augmentation on both sides leaves exactly no distance, separate ones leave some', () => {
  const view = viewOf({ revealed: false });
  compute(view);
  assert.equal(view.trials.length, script.OPENING_TRIALS);
  for (const { same, separate, real, copies } of view.trials) {
    assert.equal(same, 0);
    assert.notDeepEqual(real, copies);
  }
  assert.ok(view.trials.filter(({ separate }) => separate > 0.1).length > 2);
});

test('a frame computes a few images only, and goes on where it stopped', () => {
  const view = viewOf();
  let clock = 0;
  const slow = () => (clock += 5);
  let frames = 0;
  while (!view.yardsticks && frames < 500) {
    script.computeMissing(view, slow);
    frames++;
  }
  assert.ok(frames >= 15, `30 images took ${frames} frames`);
  assert.equal(view.trials.length, 0);
  assert.ok(view.yardsticks.otherImages > 0 && view.yardsticks.otherClass > 0);
});

test('parameters set by hand take the place of draws: equal ones leave no distance', () => {
  const by = (real, copies) => {
    const view = viewOf({ state: { operation: 'rotate', real, copies }, revealed: false });
    compute(view, 40);
    return view.byHand;
  };
  assert.equal(by('12', '12').separate, 0);
  assert.ok(by('12', '-9').separate > 0.05);
  assert.equal(by('12', '-9').same, 0);
  assert.ok(by('15', '-15').separate > by('3', '-3').separate);
});

test('what a text names is put into its range; a wrong number of values is none', () => {
  const chosen = (operation, real) => script.chosenAugmentation({ operation, real }, 'real')?.values;
  assert.deepEqual(chosen('rotate', '99'), [15]);
  assert.deepEqual(chosen('crop', '2.6_-9'), [3, -4]);
  assert.equal(chosen('crop', '2'), undefined);
  assert.equal(chosen('any', '2'), undefined);
  assert.equal(chosen('rotate', ''), undefined);
});

test('seed and number name a draw; both sides draw from the chosen operations', () => {
  const state = { operation: 'scale', seed: 4 };
  assert.deepEqual(script.drawPair(state, 7), script.drawPair(state, 7));
  assert.notDeepEqual(script.drawPair(state, 7), script.drawPair(state, 8));
  const { real, copies } = script.drawPair(state, 7);
  assert.deepEqual([real.operation, copies.operation], ['scale', 'scale']);
  assert.notDeepEqual(real.values, copies.values);
  const drawn = Array.from({ length: 60 }, (_, at) => script.drawPair({ operation: 'any', seed: 0 }, at));
  assert.equal(new Set(drawn.map(({ real }) => real.operation)).size, 6);
});

test('pictures of the operations stay within their parameters', () => {
  for (const [name, operation] of Object.entries(script.OPERATIONS))
    for (let moment = 0; moment < 1; moment += 0.01)
      script.sweptValues(operation, moment).forEach((value, at) => {
        const { low, high } = operation.parameters[at];
        assert.ok(value >= low - 1e-9 && value <= high + 1e-9, `${name} ${value}`);
      });
});

test('the sentence names the number of draws, the spread, and what to compare with', () => {
  const view = viewOf();
  assert.equal(script.distanceSentence(view), 'Measuring.');
  view.trials = [2, 8, 30].map(separate => ({ same: 0, separate }));
  view.yardsticks = { otherImages: 2.7, otherClass: 13 };
  view.shown = 3;
  const text = script.distanceSentence(view);
  assert.match(text, /Each of 3 draws/);
  assert.match(text, /The same change: 0 in every draw/);
  assert.match(text, /median 8\.0, from 2\.0 to 30/);
  assert.match(text, /ten other images of “one” are 2\.7 away, ten of “other” 13/);
  assert.deepEqual(script.spreadOf([4, 1, 2, 9]), { low: 1, median: 3, high: 9 });
  assert.equal(script.number(0.03), 'under 0.1');
});

test('the drawn trial is told as it is', () => {
  const trial = { real: { operation: 'rotate', values: [7] }, copies: { operation: 'flip', values: [1] } };
  assert.equal(
    script.drawnSentence({ ...trial, same: 0, separate: 4.31 }),
    'Above on the right: real images “rotate +7.0°”, their copies “flip”. They are 4.3 apart. ' +
      'On the left, with the same change: 0.',
  );
});

test('a change has the words of the other pages, and says nothing of the saturation of grey images', () => {
  const words = (operation, ...values) => script.inWords({ operation, values });
  assert.equal(words('color', 0.4, 1.97, 1.2), 'colour: brightness +0.40, contrast ×1.20');
  assert.equal(words('crop', 3, -1), 'shift 3 up, 1 right');
  assert.equal(words('crop', -2, 4), 'shift 2 down, 4 left');
  assert.equal(words('crop', 0, 0), 'no shift');
  assert.equal(words('flip', 0), 'no flip');
  assert.equal(words('rotate', -7), 'rotate \u22127.0°');
  assert.equal(words('rotate', -0.01), 'rotate 0°');
  assert.equal(words('scale', 1.2, 0.8), 'scale ×0.83 across, ×1.25 down');
  assert.equal(words('cutout', 14, 3), 'cut out around row 14, column 3');
});

test('a shift moves the picture the way that its words say', () => {
  const image = new Float32Array(784);
  image[10 * 28 + 10] = 1;
  assert.equal(script.OPERATIONS.crop.apply(image, [3, -1])[7 * 28 + 11], 1);
});

test('a change for each side is never the same one', () => {
  for (const operation of ['any', ...Object.keys(script.OPERATIONS)])
    for (let seed = 0; seed < 5; seed++)
      for (let at = 0; at < 100; at++) {
        const { real, copies } = script.drawPair({ operation, seed }, at);
        assert.notEqual(script.inWords(real), script.inWords(copies));
      }
});

test('with less motion single draws are stills; else it plays', () => {
  const view = viewOf({ revealed: false });
  compute(view);
  calm = true;
  script.restart(view);
  assert.equal(view.playing, false);
  compute(view);
  script.stepOnce(view);
  script.stepOnce(view);
  assert.equal(view.shown, 2);
  assert.equal(script.lookedAt(view), view.trials[1]);
  view.shown = view.trials.length;
  script.stepOnce(view);
  assert.equal(view.shown, 1);
  calm = false;
  script.restart(view);
  assert.equal(view.playing, true);
  script.togglePlay(view);
  assert.equal(view.playing, false);
});
