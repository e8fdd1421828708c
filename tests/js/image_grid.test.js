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
  ['unpack', 'unpackFrame', 'splitFilm', 'fillMosaics', 'mergeFrame', 'nextCell', 'describe', 'pick'],
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

test('signed images go from blue over neutral to orange, others stay as they are', () => {
  const theme = { '--signed-minus': '#0000c8', '--signed-zero': 'light-dark(#646464, #000000)' };
  const style = { colorScheme: 'light', getPropertyValue: name => theme[name] ?? '#c80000' };
  const { fillMosaics } = load(partsOf('image_grid'), ['fillMosaics'], {
    document,
    getComputedStyle: () => style,
  });
  const lane = { images: 1, channels: 1, height: 1, width: 1, columns: 2 };
  const view = { sources: [], head: { class_names: ['a', 'b'], lanes: [{ ...lane, signed: true }, lane] } };
  fillMosaics(view, new Uint8Array([1, 255, 1, 255]));
  const [signed, grey] = view.sources;
  assert.deepEqual(
    [rgb(signed, 0, 0), rgb(signed, 1, 0)],
    [
      [0, 0, 200, 255],
      [200, 0, 0, 255],
    ],
  );
  assert.deepEqual(
    [rgb(grey, 0, 0), rgb(grey, 1, 0)],
    [
      [1, 1, 1, 255],
      [255, 255, 255, 255],
    ],
  );
  fillMosaics(view, new Uint8Array([128, 0, 1, 255]));
  assert.deepEqual(
    [rgb(view.sources[0], 0, 0), rgb(view.sources[0], 1, 0)],
    [
      [100, 100, 100, 255],
      [0, 0, 200, 255],
    ],
  );
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
  // images of two classes: grey of 2 x 1 pixels, colour of 1 x 2, grey of 1 x 1
  const lanes = [
    [2, 1, 1, 1, 2],
    [2, 1, 3, 2, 1],
    [2, 1, 1, 1, 1],
  ].map(pixels => ({ pixels, of: null }));
  const colour = [1, 11, 2, 12, 3, 13, 4, 14, 5, 15, 6, 16]; // of an image red, green, blue
  const frame = grid.unpackFrame(
    packed({ lanes, class_names: ['a', 'b'] }, [10, 20, 30, 40, ...colour, 70, 80]),
  );
  const view = { head: frame.head, sources: [] };
  grid.fillMosaics(view, frame.pixels);
  const [first, second, third] = view.sources;
  assert.deepEqual([first.width, first.height], [4, 1]);
  assert.deepEqual(rgb(first, 0, 0), [10, 10, 10, 255]);
  assert.deepEqual(rgb(first, 3, 0), [40, 40, 40, 255]);
  assert.deepEqual([second.width, second.height], [2, 2]);
  assert.deepEqual(rgb(second, 0, 0), [1, 2, 3, 255]);
  assert.deepEqual(rgb(second, 0, 1), [11, 12, 13, 255]);
  assert.deepEqual(rgb(second, 1, 0), [4, 5, 6, 255]);
  assert.deepEqual(rgb(second, 1, 1), [14, 15, 16, 255]);
  assert.deepEqual(rgb(third, 1, 0), [80, 80, 80, 255]);
  grid.fillMosaics(view, new Uint8Array([11, 20, 30, 40, ...colour, 7, 8]));
  assert.equal(view.sources[0], first, 'the canvas is used again');
  assert.deepEqual(rgb(first, 0, 0), [11, 11, 11, 255]);
});

for (const [classes, images, channels] of [
  [10, 1, 1],
  [3, 7, 3],
  [200, 1, 3],
  [1, 1, 1],
])
  test(`${classes} x ${images} images of ${channels} channels lie at their places in the mosaic`, () => {
    const [height, width] = [4, 6];
    const pixels = Array.from(
      { length: classes * images * channels * height * width },
      (_, at) => (at * 7919) % 256,
    );
    const shape = [classes, images, channels, height, width];
    const names = Array(classes).fill('a');
    const frame = grid.unpackFrame(
      packed({ lanes: [{ pixels: shape, of: 50 }], class_names: names }, pixels),
    );
    const view = { head: frame.head, sources: [] };
    grid.fillMosaics(view, frame.pixels);
    const [{ columns, of }] = frame.head.lanes;
    assert.equal(of, 50);
    assert.ok(view.sources[0].height <= 2 * height * columns, 'near a square: a canvas is limited each way');
    for (const [label, image] of [
      [0, 0],
      [classes - 1, images - 1],
      [Math.floor(classes / 2), Math.floor(images / 2)],
    ]) {
      const cell = label * images + image;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const expected = [0, 1, 2].map(
            colour => pixels[((cell * channels + Math.min(colour, channels - 1)) * height + y) * width + x],
          );
          const [left, top] = [(cell % columns) * width, Math.floor(cell / columns) * height];
          assert.deepEqual(rgb(view.sources[0], left + x, top + y), [...expected, 255]);
        }
    }
  });

test('a newer frame changes images and captions, not what the script decides', () => {
  const head = {
    iteration: 1,
    alt: 'old',
    caption: ['a'],
    class_names: ['x'],
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
  size: 47,
}));

test('arrow keys go to the neighbour, and stay at the edge', () => {
  const from = (index, key) => cells.indexOf(grid.nextCell({ pointed: cells[index] }, cells, key));
  assert.equal(from(4, 'ArrowRight'), 5);
  assert.equal(from(4, 'ArrowLeft'), 3);
  assert.equal(from(4, 'ArrowUp'), 1);
  assert.equal(from(4, 'ArrowDown'), 7);
  assert.equal(from(5, 'ArrowRight'), 5);
  assert.equal(from(1, 'ArrowUp'), 1);
});

test('arrow keys start at the picked image, else at the first', () => {
  const picked = { lane: 0, label: 1, image: 1 };
  assert.equal(grid.nextCell({ pointed: null, picked }, cells, 'ArrowRight'), cells[5]);
  assert.equal(grid.nextCell({ pointed: null, picked: null }, cells, 'ArrowRight'), cells[0]);
});

test('a pick is reported with the position in the class, and described', () => {
  const sent = [];
  const lanes = [{ name: 'run', title: 'Run', first: 10, of: 50 }];
  const view = {
    head: { pickable: true, class_names: ['cat', 'dog'], lanes },
    status: {},
    send: (...values) => sent.push(values),
  };
  grid.pick(view, { lane: 0, label: 1, image: 2 });
  assert.deepEqual(sent, [['pick', ['run', 1, 12]]]);
  assert.equal(view.status.textContent, 'dog, image 13 of 50: picked');
  grid.pick({ ...view, head: { ...view.head, pickable: false } }, { lane: 0, label: 0, image: 0 });
  assert.equal(sent.length, 1);
});

test('a caption is one line where it may not move what stands below it, and none where it is not wanted', () => {
  const { showCaption } = load(partsOf('image_grid'), ['showCaption'], {
    document: { createElement: () => ({ className: '', textContent: '' }) },
  });
  const shown = more => {
    const node = { classList: { toggle() {} }, replaceChildren: (...lines) => (node.lines = lines) };
    showCaption({ caption: node }, { caption: ['one.', 'two.'], below: null, captioned: true, ...more });
    return [node.lines.map(line => line.textContent), node.title];
  };
  assert.deepEqual(shown({}), [['one.', 'two.'], '']);
  assert.deepEqual(shown({ below: 8 }), [['one. \u00b7 two.'], 'one. \u00b7 two.']);
  assert.deepEqual(shown({ below: 8, captioned: false }), [[], '']);
});
