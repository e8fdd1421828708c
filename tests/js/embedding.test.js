import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, partsOf } from './load.js';

const names = [
  ...[
    'nearShare',
    'comparisons',
    'layOut',
    'sceneAt',
    'lastBeat',
    'PHASES',
    'encodeDrawing',
    'decodeDrawing',
    'pixelsBetween',
  ],
  ...[
    'embedMissing',
    'cloudOf',
    'sharesOf',
    'currentMap',
    'judgement',
    'chooseClass',
    'stepOnce',
    'playFrom',
  ],
  ...['createReports', 'noteReport', 'isNews', 'COMPARED_NETWORKS', 'showFrame', 'randomNumbers'],
];
let calm = false;
const script = load(partsOf('embedding'), names, {
  requestAnimationFrame: () => 1,
  matchMedia: () => ({ matches: calm }),
});
const near = (actual, expected, by = 1e-6) =>
  [...actual].forEach((value, at) => assert.ok(Math.abs(value - expected[at]) < by, `${at}: ${value}`));
const vectors = (...rows) => rows.map(row => Float32Array.from(row));

test('the share counts, over all triples, how often an image of the class is nearer than one of the other', () => {
  const own = vectors([0], [1], [4]);
  const others = vectors([3], [10]);
  // from 0: 1 and 4 against 3, 10; from 1: 0 and 4; from 4: 0 and 1: all by hand
  assert.equal(script.nearShare(own, others), (3 + 3 + 2) / 12);
  assert.equal(script.comparisons(3, 2), 12);
  assert.equal(script.nearShare(vectors([0, 0], [0, 1]), vectors([9, 9], [8, 8])), 1);
});

test('a class against images of its own is a coin', () => {
  const random = script.randomNumbers(3);
  const shares = Array.from({ length: 30 }, () => {
    const drawn = Array.from({ length: 40 }, () => Float32Array.from({ length: 5 }, random));
    return script.nearShare(drawn.slice(0, 20), drawn.slice(20));
  });
  const mean = shares.reduce((sum, share) => sum + share) / shares.length;
  assert.ok(Math.abs(mean - 0.5) < 0.03, mean);
});

test('the plane keeps the distance of the means sideways, and what varies most upwards', () => {
  const own = vectors([0, -3, 0.1], [0, 3, -0.1]);
  const others = vectors([4, -2, 0], [4, 2, 0]);
  const map = script.layOut(own, others);
  assert.ok(Math.abs(map.distance - 4) < 1e-9);
  near(map.meanPlaces[0], [-2, 0]);
  near(map.meanPlaces[1], [2, 0]);
  near(
    map.clouds[0].map(([x]) => x),
    [-2, -2],
  );
  near(
    map.clouds[0].map(([, y]) => Math.abs(y)),
    [3, 3],
    0.02,
  );
  assert.ok(map.clouds[0][0][1] * map.clouds[0][1][1] < 0, 'on both sides');
  near(map.place(others[1]), map.clouds[1][1]);
});

test('the first image goes phase by phase, the others follow; the other class only after a guess', () => {
  const state = { label: 9, other: 8, image: 2 };
  const at = (beat, revealed = true) => script.sceneAt(beat, state, 4, revealed);
  assert.deepEqual(at(0), { label: 9, image: 2, phase: 0, own: 0, others: 0, rests: false });
  assert.equal(at(3).phase, 3);
  assert.deepEqual(
    [5, 6, 7, 8].map(beat => at(beat).image),
    [2, 0, 1, 3],
  );
  assert.deepEqual(
    [5, 6, 7, 8].map(beat => at(beat).own),
    [1, 2, 3, 4],
  );
  assert.deepEqual(at(9), { label: 8, image: 0, phase: 5, own: 4, others: 1, rests: false });
  assert.equal(script.lastBeat(4, true), 13);
  assert.deepEqual(at(13), { label: 9, image: 2, phase: 5, own: 4, others: 4, rests: true });
  assert.equal(script.lastBeat(4, false), 9);
  assert.deepEqual(at(9, false), { label: 9, image: 2, phase: 5, own: 4, others: 0, rests: true });
});

test('a drawing keeps its pixels to 16 levels in a text for addresses', () => {
  const grey = Uint8ClampedArray.from({ length: 784 }, (_, at) => at % 256);
  const text = script.encodeDrawing(grey);
  assert.match(text, /^[A-Za-z0-9_-]{523}$/);
  const back = script.decodeDrawing(text);
  assert.ok(back.every((value, at) => Math.abs(value - grey[at]) <= 8.5));
  assert.equal(script.encodeDrawing(back), text);
});

test('a stroke leaves no gaps', () => {
  assert.deepEqual(script.pixelsBetween([2, 2], [5, 2]), [
    [3, 2],
    [4, 2],
    [5, 2],
  ]);
  assert.deepEqual(script.pixelsBetween([2, 2], [0, 6]), [
    [2, 3],
    [1, 4],
    [1, 5],
    [0, 6],
  ]);
  assert.deepEqual(script.pixelsBetween([7, 7], [7, 7]), [[7, 7]]);
});

/** A view of two classes with images that differ, as far as the computation needs it. */
function viewOf(changes = {}) {
  const random = script.randomNumbers(11);
  const pixels = Uint8Array.from({ length: 2 * 3 * 784 }, (_, at) =>
    Math.floor((at < 3 * 784 ? at % 784 < 392 : at % 784 >= 392) ? 255 * random() : 20 * random()),
  );
  const view = {
    sheet: { pixels, perClass: 3, classNames: ['one', 'other'], mean: 0.3, deviation: 0.35 },
    state: { label: 0, other: 1, image: 0, seed: 999, drawing: '' },
    ...{ revealed: true, networks: new Map(), features: new Map(), shares: new Map(), map: null },
    ...{ beat: 0, playing: false, frame: 0, last: 0 },
    ...changes,
  };
  return view;
}

test('a frame computes as much as it has time for; a share needs all images of both classes', () => {
  const view = viewOf();
  let clock = 0;
  const slow = () => (clock += 100);
  assert.equal(script.embedMissing(view, slow), true);
  assert.equal([...view.features.values()].flat().length, 1);
  assert.deepEqual(script.sharesOf(view).networks, []);
  assert.equal(script.currentMap(view), null);
  while (script.embedMissing(view, slow));
  assert.equal(view.features.size, 2 * script.COMPARED_NETWORKS);
  assert.ok(view.features.has('999.0') && view.features.has('0.0'), 'after the last seed comes the first');
  const { networks, pixels } = script.sharesOf(view);
  assert.equal(networks.length, script.COMPARED_NETWORKS);
  assert.ok(
    networks.every(share => share > 0.9),
    networks,
  );
  assert.ok(pixels > 0.9);
  assert.equal(script.currentMap(view).seed, 999);
});

test('before a guess only the shown network is computed', () => {
  const view = viewOf({ revealed: false });
  while (script.embedMissing(view, () => 0));
  assert.deepEqual([...view.features.keys()], ['999.0', '999.1']);
});

test('the sentence compares with a coin, the spread and the pixels', () => {
  assert.match(script.judgement(0.52, 0.1, 0.9), /hardly helps/);
  assert.match(script.judgement(0.9, 0.05, 0.74), /better than the pixels/);
  assert.match(script.judgement(0.7, 0.05, 0.8), /pixels keep these two apart better/);
  assert.match(script.judgement(0.75, 0.05, 0.74), /about as good/);
});

test('with less motion it opens at its end, and one step leads on from the beginning', () => {
  calm = true;
  const view = viewOf();
  script.playFrom(view, 0);
  assert.equal(view.beat, script.lastBeat(3, true));
  assert.equal(view.playing, false);
  script.stepOnce(view);
  assert.equal(view.beat, 0);
  script.stepOnce(view);
  assert.equal(view.beat, 1);
  calm = false;
  script.playFrom(view, 0);
  assert.equal(view.playing, true);
});

test('what the script repeats late is no news, what Back brings is', () => {
  const reports = script.createReports();
  const first = { seed: 0 };
  assert.equal(script.isNews(reports, first, undefined), true);
  assert.equal(script.isNews(reports, { seed: 0 }, first), false);
  script.noteReport(reports, { seed: 1 });
  script.noteReport(reports, { seed: 2 });
  assert.equal(script.isNews(reports, { seed: 1 }, { seed: 2 }), false);
  assert.equal(script.isNews(reports, { seed: 2 }, { seed: 2 }), false);
  assert.equal(script.isNews(reports, { seed: 1 }, { seed: 2 }), true);
});
