import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, page, partsOf } from './load.js';

const GAP = 3;
const APART = 18;
const measure = (text, weight = 400) => Math.ceil(text.length * (weight > 400 ? 8 : 7));
const classNames = count => Array.from({ length: count }, (_, index) => `class ${index}`);
const lane = (images, side = 28, title = 'Synthetic images') => ({
  title,
  images,
  width: side,
  height: side,
});

function headOf(lanes, classes = classNames(10), more = {}) {
  return { lanes, class_names: classes, max_height: 620, reserve: null, largest: 168, ...more };
}

function plan(head, width, window = {}, room = undefined) {
  const scope = { window: { ...page.window, ...window } };
  return load(partsOf('image_grid'), ['plan'], scope).plan(head, width, measure, room);
}

/** CSS pixels of all images of a layout, without names and titles. */
function sizeOfImages(layout, head) {
  const step = layout.size + GAP;
  if (layout.lanes) {
    const widths = layout.columns.map(({ width }) => width + APART);
    return {
      rows: 0,
      places: head.class_names.length,
      width: layout.name + widths.reduce((sum, width) => sum + width) - APART,
      height: head.class_names.length * layout.row,
    };
  }
  if (layout.table) {
    const bands = Math.ceil(head.class_names.length / layout.columns);
    return {
      places: bands * layout.columns,
      width: layout.title + layout.columns * layout.cell,
      height: bands * head.lanes.length * step,
    };
  }
  const { across } = layout;
  const beside = layout.beside ? layout.name : 0;
  const rows = Math.ceil(head.class_names.length / across);
  return {
    rows,
    places: rows * across,
    width: across * (beside + layout.fit * step - GAP) + (across - 1) * APART,
    height: head.lanes.reduce(
      (sum, { images }) => sum + rows * (Math.ceil(images / layout.fit) * step - GAP),
      0,
    ),
  };
}

const cases = {
  'ten classes of one image': [headOf([lane(1)]), 1000],
  'ten classes of ten images': [headOf([lane(10)]), 1000],
  'ten classes of fifty images': [headOf([lane(50)]), 1000],
  'one class of one image': [headOf([lane(1)], ['digit']), 1000],
  'three sets of one image': [headOf([lane(1), lane(1), lane(1)]), 1000],
  'three sets of ten images': [headOf([lane(10), lane(10), lane(10)]), 1000],
  'sets that differ in images': [headOf([lane(1), lane(10), lane(3)]), 1000],
  'a hundred classes': [headOf([lane(1, 32)], classNames(100)), 1000],
  'two hundred classes of ten images': [headOf([lane(10, 64)], classNames(200)), 1000],
  'long names': [headOf([lane(10)], Array(10).fill('a class with a very long name indeed')), 1000],
  'a phone': [headOf([lane(1), lane(1)]), 320],
  'a phone, ten images': [headOf([lane(10)]), 320],
  'high images': [headOf([{ ...lane(5), width: 16, height: 48 }]), 800],
};

for (const [name, [head, width]] of Object.entries(cases)) {
  test(`${name}: every class has its place in the width`, () => {
    const layout = plan(head, width);
    const images = sizeOfImages(layout, head);
    assert.ok(images.places >= head.class_names.length, JSON.stringify(layout));
    assert.ok(images.width <= width, `${images.width} of ${width}: ${JSON.stringify(layout)}`);
    const perBlock = layout.beside ? 7 : 34; // padding, or a name above
    const text =
      layout.table || layout.lanes
        ? 22
        : head.lanes.length * ((head.lanes.length > 1 ? 26 : 0) + images.rows * perBlock);
    assert.ok(images.height + text <= layout.height, JSON.stringify(layout));
    if (layout.table) assert.ok(layout.cell >= layout.size + GAP && layout.cell >= measure('class'));
    assert.ok(layout.size >= (layout.lanes ? 12 : 16) && layout.size <= head.largest);
  });
}

test('images fit the height, and are as large as it allows', () => {
  for (const [name, heights] of [
    ['ten classes of one image', [300, 450, 620]],
    ['ten classes of ten images', [480, 620, 1000]],
    ['three sets of one image', [240, 450, 620]],
    ['ten classes of fifty images', [900, 1200, 1600]],
  ]) {
    const [head, width] = cases[name];
    const sizes = heights.map(maxHeight => {
      const layout = plan({ ...head, max_height: maxHeight }, width, { innerHeight: 3000 });
      assert.ok(layout.height <= maxHeight, `${name}: ${layout.height} of ${maxHeight}`);
      return layout.size;
    });
    assert.deepEqual(
      sizes,
      [...sizes].sort((a, b) => a - b),
      name,
    );
    assert.ok(sizes[0] < sizes.at(-1), `${name}: ${sizes}`);
  }
});

test('the height is a share of the window, or what is left below what stands around', () => {
  const head = headOf([lane(10)], undefined, { max_height: 5000 });
  assert.ok(plan(head, 1000, { innerHeight: 700 }).height <= 0.64 * 700);
  const reserved = plan({ ...head, reserve: 100 }, 1000, { innerHeight: 700 });
  assert.ok(reserved.height <= 600);
  assert.ok(reserved.size > plan(head, 1000, { innerHeight: 700 }).size);
});

test('up to a hundred images stay at 40 pixels or more, where the page has to scroll', () => {
  const layout = plan(headOf([lane(10)], undefined, { max_height: 220 }), 320, { innerHeight: 300 });
  assert.ok(layout.height > 220);
  assert.ok(layout.size >= 40);
});

test('one image per class makes a table, more of them blocks', () => {
  assert.equal(plan(headOf([lane(1), lane(1)]), 1000).table, true);
  assert.equal(plan(headOf([lane(2), lane(2)]), 1000).table, false);
});

test('sets are compared along one row where their images stay large', () => {
  const layout = plan(headOf([lane(1), lane(1)]), 1000);
  assert.equal(layout.columns, 10);
  assert.ok(layout.size >= 40);
  const narrow = plan(headOf([lane(1), lane(1)]), 320);
  assert.ok(narrow.columns < 10);
});

test('a class keeps to one row where that costs little, else it has as few lines as may be, evenly filled', () => {
  for (const images of [2, 5, 10, 30, 80]) {
    const layout = plan(headOf([lane(images)]), 1200);
    assert.equal(layout.fit, Math.ceil(images / Math.ceil(images / layout.fit)));
    if (images <= 10) assert.equal(layout.fit, images);
  }
  assert.ok(plan(headOf([lane(2)]), 1200).across > 1);
});

test('where it costs little, images are a whole multiple of their pixels', () => {
  for (const ratio of [1, 2])
    for (const side of [8, 28, 32]) {
      const { size } = plan(headOf([lane(1, side)]), 1000, { devicePixelRatio: ratio });
      assert.equal((size * ratio) % side, 0, `${size} for ${side} at ${ratio}`);
    }
  const size = side => plan(headOf([lane(1, side)], classNames(5)), 1000).size;
  assert.equal(size(80), 160);
  assert.equal(size(100), 168, 'not shrunk to 100 pixels');
});

test('names stand on one line where the width is there, which leaves the images more height', () => {
  const names = ['T-shirt/top', 'Ankle boot', 'Trouser', 'Coat', 'Bag'];
  const three = headOf([lane(1), lane(1), lane(1)], [...names, ...names]);
  const room = { height: 420, page: null, line: 20 };
  const layout = plan(three, 600, {}, room);
  assert.ok(layout.cell >= measure('T-shirt/top') + 6, JSON.stringify(layout));
  assert.ok(layout.title + layout.columns * layout.cell <= 600);
  assert.ok(layout.height <= room.height);
  const tight = plan(three, 280, {}, room);
  assert.ok(tight.title + tight.columns * tight.cell <= 280);
});

test('nothing to show has no layout', () => {
  assert.equal(plan(headOf([]), 1000), null);
  assert.ok(plan(headOf([lane(10)]), 1000));
});

const RACE = headOf([lane(1, 28, '1 per class'), lane(10, 28, '10 per class'), lane(50, 28, '50 per class')]);

test('sets of 1, 10 and 50 images stand side by side in a small laptop, widths growing with the images', () => {
  const room = { height: 409, line: 20 };
  const layout = plan(RACE, 704, { innerHeight: 720 }, room);
  assert.equal(layout.lanes, true);
  assert.ok(layout.height <= room.height, JSON.stringify(layout));
  assert.ok(layout.size >= 12);
  const [one, ten, fifty] = layout.columns;
  assert.ok(one.width < ten.width && ten.width < fifty.width);
  const used = layout.name + one.width + ten.width + fifty.width + 2 * APART;
  assert.ok(used >= 0.8 * 704 && used <= 704, `${used} of 704 are used`);
  assert.ok(one.size > ten.size && ten.size >= fifty.size, 'fewer images are larger');
  layout.columns.forEach(({ fit, size }, index) => {
    const lines = Math.ceil(RACE.lanes[index].images / fit);
    assert.ok(lines * (size + GAP) <= layout.row, 'a class keeps to its row');
  });
});

test('sets of one size, and too many classes, keep their other layouts', () => {
  const room = { height: 409, line: 20 };
  assert.ok(!plan(headOf([lane(10), lane(10)]), 704, {}, room).lanes);
  assert.ok(!plan({ ...RACE, class_names: classNames(100) }, 704, {}, room).lanes);
});

test('with room for all in sight images are as small as must be, and use a high window', () => {
  const head = headOf([lane(50)]);
  const low = plan(head, 704, { innerHeight: 720 }, { height: 409, line: 20 });
  assert.ok(low.height <= 409 && low.size >= 12, JSON.stringify(low));
  const high = plan(head, 704, { innerHeight: 1080 }, { height: 900, line: 20 });
  assert.ok(high.size > low.size && high.height <= 900);
});

const LAPTOP = { height: 390, page: 390, line: 20 };

test('classes without room are paged: as many at once as fit in pages of about equal numbers', () => {
  const head = headOf([lane(10, 32)], classNames(100));
  const layout = plan(head, 704, { innerHeight: 720 }, LAPTOP);
  assert.ok(layout.classes < 100 && layout.classes >= 20, JSON.stringify(layout));
  assert.ok(layout.size >= 12 && layout.height <= LAPTOP.height, JSON.stringify(layout));
  const pages = Math.ceil(100 / layout.classes);
  assert.equal(layout.classes, Math.ceil(100 / pages));
  const images = sizeOfImages(layout, { ...head, class_names: classNames(layout.classes) });
  assert.ok(images.width <= 704, `${images.width}`);
});

test('all classes are shown at once where they have room, and where nothing is to stay in sight', () => {
  const hundred = headOf([lane(10, 32)], classNames(100));
  assert.equal(plan(headOf([lane(10)]), 704, { innerHeight: 720 }, LAPTOP).classes, 10);
  assert.equal(plan(hundred, 1800, {}, { height: 1700, page: 1700, line: 20 }).classes, 100);
  assert.equal(plan(hundred, 704).classes, 100);
});

test('sets of different sizes stay side by side where their classes are paged', () => {
  const head = { ...RACE, class_names: classNames(100) };
  const layout = plan(head, 704, { innerHeight: 720 }, LAPTOP);
  assert.equal(layout.lanes, true, JSON.stringify(layout));
  assert.ok(layout.classes < 100 && layout.height <= LAPTOP.height);
});

test('a narrow window scrolls: sets of different sizes fit its width side by side, many classes are paged', () => {
  const phone = { height: null, page: 1266, line: 20 };
  const layout = plan({ ...RACE, max_height: 400 }, 358, { innerHeight: 844 }, phone);
  assert.equal(layout.lanes, true);
  const used = layout.name + layout.columns.reduce((sum, { width }) => sum + width, 0) + 3 * APART;
  assert.ok(used <= 358, `${used} of 358`);
  const many = plan(
    headOf([lane(10)], classNames(100), { max_height: 400 }),
    358,
    { innerHeight: 844 },
    phone,
  );
  assert.ok(many.classes < 100 && many.height <= phone.page);
});

test('a hundred images in ten classes use the width of a small laptop', () => {
  const digits = Array.from({ length: 10 }, (_, index) => String(index));
  for (const [height, least] of [
    [390, 31],
    [280, 24],
  ]) {
    const layout = plan(headOf([lane(10, 8)], digits), 704, { innerHeight: 720 }, { ...LAPTOP, height });
    assert.equal(layout.fit, 10);
    assert.ok(layout.size >= least && layout.height <= height, JSON.stringify(layout));
    if (height < 300) assert.ok(layout.across === 2 && layout.beside, 'two columns, names beside the images');
  }
  const fifty = plan(headOf([lane(50)], digits), 704, { innerHeight: 720 }, LAPTOP);
  assert.ok(fifty.across > 1 && fifty.size > 14, JSON.stringify(fifty));
});

test('images shrink before classes are paged: to 12 pixels in a laptop, to 24 on a phone', () => {
  const head = headOf([lane(10)], undefined, { max_height: 400 });
  const phone = { height: null, page: 1266, line: 20 };
  for (const classes of [10, 20, 30]) {
    const layout = plan({ ...head, class_names: classNames(classes) }, 358, { innerHeight: 844 }, phone);
    assert.equal(layout.classes, classes);
    assert.ok(layout.size >= 24 && layout.height <= phone.page, JSON.stringify(layout));
  }
  const low = plan(head, 704, { innerHeight: 400 }, { height: 230, page: 230, line: 20 });
  assert.equal(low.classes, 10, JSON.stringify(low));
  assert.ok(low.size >= 12 && low.size < 30 && low.height <= 230);
});

test('on a phone all of ten classes are on the first screen where images of 24 pixels have room there', () => {
  const layout = plan(
    headOf([lane(10)], undefined, { max_height: 400 }),
    358,
    { innerHeight: 844 },
    { height: null, page: 1266, line: 20 },
  );
  assert.ok(layout.height <= 400 && layout.fit === 10, JSON.stringify(layout));
});

test('a long name counts as many lines as its words take in a narrow column', () => {
  const names = classNames(40).map(name => `very very very ${name}`);
  const layout = plan(headOf([lane(1)], names), 704, { innerHeight: 720 }, LAPTOP);
  const longest = measure('very very very class 39');
  const lines = Math.ceil(longest / (layout.cell - 6));
  const bands = Math.ceil(layout.classes / layout.columns);
  assert.ok(layout.height >= bands * (lines * 20 + layout.size), JSON.stringify(layout));
  assert.ok(layout.height <= LAPTOP.height);
});

test('with larger type the text counts as well', () => {
  const [head] = cases['ten classes of ten images'];
  for (const line of [20, 35]) {
    const layout = plan(head, 1000, {}, { height: 500, page: 500, line });
    const rows = Math.ceil(10 / layout.across);
    const text = layout.beside ? 0 : rows * (line + 14);
    assert.ok(text + rows * layout.size <= layout.height && layout.height <= 500, JSON.stringify(layout));
  }
});
