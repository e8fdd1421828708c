import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, packed, partsOf } from './load.js';

/** Canvases that remember the pixels that were put into them, as [red, green, blue, alpha]. */
const document = {
  createElement: () => {
    const canvas = { width: 300, height: 150, pixels: null };
    canvas.getContext = () => ({
      createImageData: (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) }),
      putImageData: ({ data }) => (canvas.pixels = data),
    });
    return canvas;
  },
};
const grid = load(
  partsOf('image_grid'),
  ['unpack', 'splitFilm', 'fillMosaics', 'mergeFrame', 'nextCell', 'describe', 'pick'],
  { document },
);
const rgb = (canvas, x, y) => [
  ...canvas.pixels.slice(4 * (y * canvas.width + x), 4 * (y * canvas.width + x) + 4),
];

test('a frame is its header and its pixels', () => {
  const bytes = packed({ alt: 'Zürich \u2605', lanes: [] }, [1, 2, 254]);
  const frame = grid.unpack(bytes);
  assert.deepEqual(frame.head, { alt: 'Zürich \u2605', lanes: [] });
  assert.deepEqual([...frame.pixels], [1, 2, 254]);
  assert.deepEqual(JSON.parse(frame.text), frame.head);
  bytes.fill(0);
  assert.deepEqual([...frame.pixels], [1, 2, 254], 'a copy: Streamlit may reuse its buffer');
});

test('a frame is read where it lies in a larger buffer', () => {
  const bytes = packed({ iteration: 7 }, [9]);
  const buffer = new Uint8Array([5, 5, 5, ...bytes]);
  const frame = grid.unpack(buffer.subarray(3));
  assert.deepEqual(frame.head, { iteration: 7 });
  assert.deepEqual([...frame.pixels], [9]);
});

test('a header longer than 255 bytes is read whole', () => {
  const frame = grid.unpack(packed({ alt: 'x'.repeat(70_000) }, [4]));
  assert.equal(frame.head.alt.length, 70_000);
  assert.deepEqual([...frame.pixels], [4]);
});

test('the mosaics of lanes follow each other, grey and in colour', () => {
  // images of two classes: grey of 2 x 1 pixels in a row, colour of 1 x 1 in a column, grey of 1 x 1 in a row
  const grey = { images: 1, columns: 2, width: 2, height: 1, channels: 1 };
  const colour = { images: 1, columns: 1, width: 1, height: 1, channels: 3 };
  const small = { ...grey, width: 1 };
  const view = { head: { lanes: [grey, colour, small], classes: ['a', 'b'] }, sources: [] };
  grid.fillMosaics(view, new Uint8Array([10, 20, 30, 40, 1, 2, 3, 4, 5, 6, 70, 80]));
  const [first, second, third] = view.sources;
  assert.deepEqual([first.width, first.height], [4, 1]);
  assert.deepEqual(rgb(first, 0, 0), [10, 10, 10, 255]);
  assert.deepEqual(rgb(first, 3, 0), [40, 40, 40, 255]);
  assert.deepEqual([second.width, second.height], [1, 2]);
  assert.deepEqual(rgb(second, 0, 0), [1, 2, 3, 255]);
  assert.deepEqual(rgb(second, 0, 1), [4, 5, 6, 255]);
  assert.deepEqual(rgb(third, 1, 0), [80, 80, 80, 255]);
  grid.fillMosaics(view, new Uint8Array([11, 20, 30, 40, 1, 2, 3, 4, 5, 6, 7, 8]));
  assert.equal(view.sources[0], first, 'the canvas is used again');
  assert.deepEqual(rgb(first, 0, 0), [11, 11, 11, 255]);
});

test('a newer frame changes images and captions, not what the script decides', () => {
  const head = {
    iteration: 1,
    alt: 'old',
    caption: ['a'],
    classes: ['x'],
    lanes: [1],
    pickable: true,
    source: 's',
  };
  const { head: merged, pixels } = grid.mergeFrame(head, {
    head: { iteration: 2, lanes: [2], source: 'other', pickable: false },
    pixels: 'new',
  });
  assert.deepEqual(merged, { ...head, iteration: 2, lanes: [2] });
  assert.equal(pixels, 'new');
});

/** Three rows of three images, 50 apart; the row is the class. */
const cells = Array.from({ length: 9 }, (_, index) => ({
  lane: 0,
  label: Math.floor(index / 3),
  image: index % 3,
  x: 50 * (index % 3),
  y: 50 * Math.floor(index / 3),
}));

test('arrow keys go to the neighbour, and stay at the edge', () => {
  const from = (index, key) => cells.indexOf(grid.nextCell({ pointed: cells[index], size: 47 }, cells, key));
  assert.equal(from(4, 'ArrowRight'), 5);
  assert.equal(from(4, 'ArrowLeft'), 3);
  assert.equal(from(4, 'ArrowUp'), 1);
  assert.equal(from(4, 'ArrowDown'), 7);
  assert.equal(from(5, 'ArrowRight'), 5);
  assert.equal(from(1, 'ArrowUp'), 1);
});

test('arrow keys start at the picked image, else at the first', () => {
  const picked = { lane: 0, label: 1, image: 1 };
  assert.equal(grid.nextCell({ pointed: null, picked, size: 47 }, cells, 'ArrowRight'), cells[5]);
  assert.equal(grid.nextCell({ pointed: null, picked: null, size: 47 }, cells, 'ArrowRight'), cells[0]);
});

test('a pick is reported with the position in the class, and described', () => {
  const sent = [];
  const lanes = [{ name: 'run', title: 'Run', first: 10, of: 50 }];
  const view = {
    head: { pickable: true, classes: ['cat', 'dog'], lanes },
    status: {},
    send: (...values) => sent.push(values),
  };
  grid.pick(view, { lane: 0, label: 1, image: 2 });
  assert.deepEqual(sent, [['pick', { lane: 'run', class: 1, image: 12 }]]);
  assert.equal(view.status.textContent, 'dog, image 13 of 50: picked');
  grid.pick({ ...view, head: { ...view.head, pickable: false } }, { lane: 0, label: 0, image: 0 });
  assert.equal(sent.length, 1);
});
