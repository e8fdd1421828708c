import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, packed, page, partsOf } from './load.js';

const map = load(
  partsOf('star_map'),
  [
    ...['unpack', 'projectionOf', 'pointsById', 'filmTrail', 'setProjection', 'extent', 'mixedOrder', 'ease'],
    ...['fitBounds', 'updateTransform', 'setViewport', 'zoomAt', 'resetZoom', 'across', 'down', 'arrange'],
    ...['hitTest', 'nearestStar', 'seriesOf', 'visible', 'colourOf'],
  ],
  {
    requestAnimationFrame: () => 1,
    matchMedia: () => ({ matches: false }),
    getComputedStyle: node => ({ fontSize: '16px', rowGap: '14px', overflowY: node?.overflowY }),
    document: { ...page.document, documentElement: {} },
  },
);
const near = (value, expected, text) =>
  assert.ok(Math.abs(value - expected) < 1e-9, `${text ?? ''} ${value} is not ${expected}`);

test('an extent can be divided by', () => {
  assert.deepEqual(map.extent([3, -2, 7, 0]), [-2, 7]);
  assert.deepEqual(map.extent([4, 4]), [3, 5]);
  assert.deepEqual(map.extent([]), [0, 1]);
  assert.deepEqual(map.extent(Array(300_000).fill(2).concat(5)), [2, 5], 'also of very many');
});

const panelOf = (name, pictures, more = {}) => ({
  ...{ name, label: [0, 1], image: [5, 0], hover_images: pictures ? [2, 1, 2, 1] : null },
  positions: [
    [1, 3],
    [2, 4],
  ],
  ...more,
});

test('the pixels after the header belong to the panels with images, in order', () => {
  const colour = { hover_images: [2, 3, 1, 1] };
  const panels = [panelOf('a', true), panelOf('b', false), panelOf('c', true, colour)];
  const head = { iteration: 9, alt: 'A map', caption: ['x'], behind: true, panels };
  const bytes = packed(head, [1, 2, 3, 4, 11, 12, 13, 14, 15, 16]);
  const projection = map.projectionOf(map.unpack(bytes));
  const { iteration, alt, caption, behind } = projection;
  assert.deepEqual(
    { iteration, alt, caption, behind },
    { iteration: 9, alt: 'A map', caption: ['x'], behind: true },
  );
  assert.deepEqual([...projection.panels.keys()], ['a', 'b', 'c']);
  assert.deepEqual([...projection.panels.get('a').pictures.pixels], [1, 2, 3, 4]);
  assert.equal(projection.panels.get('b').pictures, null);
  assert.deepEqual([...projection.panels.get('c').pictures.pixels], [11, 12, 13, 14, 15, 16]);
  assert.equal(projection.panels.get('c').pictures.channels, 3);
  assert.deepEqual(projection.panels.get('b').positions[1], [2, 4]);
});

test('positions are known by class and image', () => {
  const points = [
    [1, 3],
    [2, 4],
  ];
  assert.deepEqual(
    [...map.pointsById(points, { label: [0, 11], image: [12, 1] })],
    [
      ['0.12', [1, 3]],
      ['11.1', [2, 4]],
    ],
  );
});

/** A map of two grey and one coloured class, 400 x 300 pixels. */
function viewOf(more = {}) {
  const view = {
    head: {
      positions: [
        [-10, 0],
        [10, 20],
      ],
      ...{ label: [0, 1], class_names: ['a', 'b', 'c'], trails: 3, starts: false },
    },
    ...{ panels: [], frames: new Map(), hidden: new Set(), series: new Map([[1, 0]]), sprites: new Map() },
    ...{ size: { width: 400, height: 300 }, scale: 1, ratio: 1 },
    ...more,
  };
  map.fitBounds(view);
  map.updateTransform(view);
  return view;
}

test('the map fills the panel with a margin, the same scale in both directions, y upwards', () => {
  const view = viewOf();
  near(map.across(view, 0), 200);
  near(map.down(view, 10), 150);
  near(view.unit, (300 - 36) / 20);
  near(map.down(view, 20), 18, 'top');
  near(map.down(view, 0), 282, 'bottom');
  near(map.across(view, 10) - map.across(view, -10), 20 * view.unit);
});

test('stars and their starts are inside the bounds as well', () => {
  const starts = new Map([['0.0', [0, -40]]]);
  const panels = [{ stars: [{ toX: 50, toY: 5 }], starts }];
  const { bounds } = viewOf({ panels });
  assert.deepEqual(bounds, { left: -10, right: 50, low: 0, high: 20 });
  const withStarts = viewOf({ panels, head: { ...viewOf().head, starts: true } });
  assert.equal(withStarts.bounds.low, -40);
});

test('zooming keeps the point under the mouse', () => {
  for (const [px, py] of [
    [200, 150],
    [250, 100],
    [180, 200],
  ]) {
    const view = viewOf();
    const x = (px - view.left) / view.unit;
    const y = (view.top - py) / view.unit;
    for (const by of [2, 1.6, 3]) {
      const before = view.unit;
      map.zoomAt(view, by, px, py);
      near(view.unit, by * before);
      near(map.across(view, x), px, 'x');
      near(map.down(view, y), py, 'y');
      assert.ok(view.stale);
    }
    map.zoomAt(view, 1 / 4, px, py);
    near(map.across(view, x), px, 'x after zooming out');
  }
});

test('zooming by a button keeps the middle', () => {
  const view = viewOf();
  map.setViewport(view, 4, 3, 5);
  map.zoomAt(view, 1.6);
  near(view.x, 3);
  near(view.y, 5);
  near(view.zoom, 6.4);
});

test('zoom is limited, and the middle stays on the map', () => {
  const view = viewOf();
  map.zoomAt(view, 1000);
  assert.equal(view.zoom, 60);
  map.setViewport(view, 0.1, 99, -99);
  assert.deepEqual([view.zoom, view.x, view.y], [1, 10, 0]);
  map.resetZoom(view);
  assert.deepEqual([view.zoom, view.x, view.y], [1, 0, 10]);
});

test('panels are side by side where there is room, never higher than wide', () => {
  const panels = () =>
    Array.from({ length: 4 }, () => ({
      canvas: { style: {} },
      background: {},
      stars: [],
      starts: new Map(),
    }));
  const columns = (width, count = 3) => {
    const view = viewOf({
      box: { clientWidth: width, style: {} },
      dots: {},
      panels: panels().slice(0, count),
    });
    view.head.height = 460;
    assert.equal(map.arrange(view), true);
    assert.ok(view.size.height <= view.size.width);
    return Number(/repeat\((\d)/.exec(view.box.style.cssText)[1]);
  };
  assert.equal(columns(1000), 3);
  assert.equal(columns(900), 2);
  assert.equal(columns(1000, 4), 2, 'rows are evenly filled');
  assert.equal(columns(320), 1);
  assert.equal(columns(320, 1), 1);
  assert.equal(map.arrange(viewOf({ box: { clientWidth: 0 } })), false, 'hidden');
});

test('in a container that scrolls, panels are as large as all of them fit in it with their titles', () => {
  const title = 28;
  const arranged = (count, height, overflowY = 'auto') => {
    const container = {
      ...{ clientHeight: height, scrollTop: 0, overflowY },
      getBoundingClientRect: () => ({ top: 100 }),
    };
    const panels = Array.from({ length: count }, () => ({
      ...{ canvas: { style: {}, offsetHeight: 5 }, node: { offsetHeight: 5 + title } },
      ...{ title: { textContent: 'from noise' }, background: {}, stars: [], starts: new Map() },
    }));
    const box = { clientWidth: 466, style: {}, getBoundingClientRect: () => ({ top: 180 }) };
    const view = viewOf({ container, box, dots: {}, panels });
    view.head.height = 230;
    assert.equal(map.arrange(view), true);
    const columns = Number(/repeat\((\d)/.exec(box.style.cssText)[1]);
    return [columns, view.size.width + 2, view.size.height + 2];
  };
  assert.deepEqual(arranged(1, 430), [1, 466, 430 - 80 - title]);
  assert.deepEqual(arranged(1, 900), [1, 466, 466], 'never higher than wide');
  assert.deepEqual(arranged(3, 500), [2, 225, (500 - 80 - 14) / 2 - title], 'the largest panels');
  assert.deepEqual(arranged(3, 320), [3, 144, 144]);
  assert.deepEqual(arranged(1, 430, 'visible'), [1, 466, 230], 'a page that scrolls is as high as it needs');
});

test('stars leave and arrive slowly', () => {
  assert.equal(map.ease(0), 0);
  assert.equal(map.ease(1), 1);
  assert.equal(map.ease(0.5), 0.5);
  near(map.ease(0.2) + map.ease(0.8), 1);
  assert.ok(map.ease(0.1) < 0.01 && map.ease(0.9) > 0.99);
  for (let part = 0; part < 1; part += 0.01) assert.ok(map.ease(part + 0.01) > map.ease(part));
});

for (const count of [0, 1, 100, 7919, 2 * 7919]) {
  test(`${count} real images are all drawn, grey ones first, classes mixed`, () => {
    const label = Array.from({ length: count }, (_, index) => Math.floor((4 * index) / count)); // sorted by class
    const series = new Map([
      [1, 0],
      [3, 1],
    ]);
    const order = map.mixedOrder({ head: { label }, series });
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      label.map((_, index) => index),
    );
    const coloured = order.map(index => series.has(label[index]));
    assert.equal(coloured.lastIndexOf(false) < coloured.indexOf(true) || !coloured.includes(true), true);
    if (count < 100) return;
    const lasting = order.slice(-count / 10).map(index => label[index]); // drawn on top
    for (const top of [1, 3]) assert.ok(lasting.filter(value => value === top).length > count / 100);
  });
}

test('classes without a colour share one series and one switch', () => {
  const view = viewOf({ colour: { grey: 'grey', palette: ['red'] } });
  assert.equal(map.seriesOf(view, 0), map.seriesOf(view, 2));
  assert.equal(map.colourOf(view, map.seriesOf(view, 1)), 'red');
  assert.equal(map.colourOf(view, map.seriesOf(view, 2)), 'grey');
  view.hidden.add(map.seriesOf(view, 0));
  assert.deepEqual(
    [0, 1, 2].map(label => map.visible(view, label)),
    [false, true, false],
  );
});

const star = (label, image, x, y) => ({ id: `${label}.${image}`, label, image, x, y, toX: x, toY: y });

test('what is hit is the nearest star within reach, else a real image', () => {
  const stars = [star(0, 0, 0, 10), star(1, 0, 0.5, 10)];
  const panel = { stars, drawn: stars };
  const view = viewOf({ order: [0, 1] });
  const at = (x, y) => map.hitTest(view, panel, map.across(view, x), map.down(view, y));
  assert.deepEqual(at(0.1, 10), { star: '0.0' });
  assert.deepEqual(at(0.4, 10), { star: '1.0' });
  assert.deepEqual(at(10, 20.3), { real: 1 });
  assert.equal(at(5, 5), null);
  view.hidden.add(1);
  assert.deepEqual(at(0.4, 10), { star: '0.0' }, 'hidden ones are not there');
});

test('arrow keys go to the next star in their direction', () => {
  const stars = [star(0, 0, 0, 10), star(0, 1, 4, 11), star(0, 2, 8, 10), star(0, 3, 1, 15)];
  const panel = { stars, drawn: stars };
  const from = (index, key) =>
    map.nearestStar(viewOf({ pointed: { panel, star: stars[index].id } }), panel, key).id;
  assert.equal(from(0, 'ArrowRight'), '0.1');
  assert.equal(from(1, 'ArrowRight'), '0.2');
  assert.equal(from(2, 'ArrowLeft'), '0.1');
  assert.equal(from(0, 'ArrowUp'), '0.3');
  assert.equal(from(2, 'ArrowRight'), '0.2', 'stays where there is none');
  assert.equal(
    map.nearestStar(viewOf({ pointed: null, picked: null }), panel).id,
    '0.0',
    'at first the middle',
  );
});

/** A panel on screen, and a projection of its stars. */
const shownPanel = (more = {}) => ({
  ...{ name: 'run', moving: true, stars: [], drawn: [], past: [], starts: new Map() },
  ...{ title: { textContent: '' }, canvas: { dataset: {}, setAttribute() {} } },
  ...more,
});
const projectionAt = (iteration, x, y, names = ['run']) => ({
  ...{ iteration, alt: '', caption: [] },
  panels: new Map(
    names.map(name => [
      name,
      { name, positions: x.map((x, at) => [x, y[at]]), label: [0, 1], image: [0, 0], pictures: null },
    ]),
  ),
});

test('stars glide from where they are to their new positions, and leave a trail', () => {
  const view = viewOf({ panels: [shownPanel()] });
  map.setProjection(view, projectionAt(1, [0, 1], [5, 6]), { jump: true });
  const [panel] = view.panels;
  assert.equal(view.glide, null);
  assert.deepEqual([panel.stars[0].x, panel.stars[0].y], [0, 5]);
  map.setProjection(view, projectionAt(2, [2, 1], [7, 6]));
  const [first, second] = panel.stars;
  assert.deepEqual([first.fromX, first.fromY, first.toX, first.toY], [0, 5, 2, 7]);
  assert.deepEqual([second.fromX, second.toX], [1, 1]);
  assert.equal(view.glide.lasts, 600);
  assert.deepEqual(
    panel.past.map(past => past.get('0.0')),
    [[0, 5]],
  );
  for (let at = 3; at < 9; at++) map.setProjection(view, projectionAt(at, [at, 1], [7, 6]));
  assert.deepEqual(
    panel.past.map(past => past.get('0.0')[0]),
    [5, 6, 7],
    'as many as the map has trails',
  );
});

test('the same positions again start no glide', () => {
  const view = viewOf({ panels: [shownPanel()] });
  map.setProjection(view, projectionAt(1, [0, 1], [5, 6]), { jump: true });
  const { ticks } = view;
  map.setProjection(view, projectionAt(1, [0, 1], [5, 6]));
  assert.equal(view.ticks, ticks);
  assert.equal(view.panels[0].past.length, 0);
});

test('a panel that does not move stays, unless all are meant', () => {
  const view = viewOf({ panels: [shownPanel({ moving: false })] });
  map.setProjection(view, projectionAt(1, [0, 1], [5, 6]), { jump: true, all: true });
  map.setProjection(view, projectionAt(2, [3, 1], [5, 6]));
  assert.equal(view.panels[0].stars[0].toX, 0);
  map.setProjection(view, projectionAt(2, [3, 1], [5, 6]), { all: true });
  assert.equal(view.panels[0].stars[0].toX, 3);
});

test('when looking back the trail is the last positions of the film before the iteration', () => {
  const frames = new Map([40, 10, 30, 20].map(at => [at, projectionAt(at, [at, 0], [0, 0])]));
  const view = viewOf({ frames });
  const trail = map.filmTrail(view, { name: 'run' }, 40).map(past => past.get('0.0')[0]);
  assert.deepEqual(trail, [10, 20, 30]);
  view.head.trails = 2;
  assert.deepEqual(
    map.filmTrail(view, { name: 'run' }, 40).map(past => past.get('0.0')[0]),
    [20, 30],
  );
  assert.deepEqual(map.filmTrail(view, { name: 'another' }, 40), []);
});

test('what was pointed at is forgotten when it is gone', () => {
  const panel = shownPanel();
  const view = viewOf({ panels: [panel], pointed: { panel, star: '7.7' } });
  map.setProjection(view, projectionAt(1, [0, 1], [5, 6]));
  assert.equal(view.pointed, null);
  view.pointed = { panel, star: '0.0' };
  map.setProjection(view, projectionAt(2, [0, 1], [5, 6]));
  assert.equal(view.pointed.star, '0.0');
  view.pointed = { panel, real: 2 };
  map.setProjection(view, projectionAt(3, [0, 1], [5, 6]));
  assert.equal(view.pointed, null);
});

test('thumbnails are requested again while a real image is pointed at, until they are there', async () => {
  const timers = [];
  const answers = [{ status: 204 }, null, { status: 503 }, { status: 200 }, { status: 200 }];
  const bytes = packed({ images: [1, 1, 1, 1] }, [7]);
  const headers = { get: () => 'application/octet-stream' };
  const { fillTooltip } = load(partsOf('star_map'), ['fillTooltip'], {
    window: { innerHeight: 900, devicePixelRatio: 1 },
    document: { ...page.document, documentElement: { clientWidth: 1200 } },
    matchMedia: () => ({ matches: false }),
    getComputedStyle: () => ({ fontSize: '16px' }),
    ImageData: class {
      data = new Uint8ClampedArray(4);
    },
    setTimeout: callback => timers.push(callback),
    fetch: async () => {
      const answer = answers.shift();
      if (!answer) throw new TypeError('the server is away');
      return { ...answer, headers, arrayBuffer: async () => bytes.buffer };
    },
  });
  const picture = { style: {}, getContext: () => ({ putImageData() {} }) };
  const tooltip = { children: [picture, {}], style: {}, matches: () => true, hidePopover() {} };
  const panel = { canvas: { getBoundingClientRect: () => ({ left: 0, top: 0 }) } };
  const view = viewOf({ tooltip, pointed: { panel, real: 0 } });
  view.head.thumbs = '/thumbs';
  fillTooltip(view);
  fillTooltip(view);
  for (let requests = 1; requests <= 4; requests++) {
    assert.equal(timers.length, 1, 'one request at a time');
    assert.equal(picture.hidden, true);
    await timers.shift()();
    assert.equal(answers.length, 5 - requests);
  }
  assert.equal(picture.hidden, false);
  assert.deepEqual([...view.thumbs.pixels], [7]);
  assert.equal(timers.length, 0);
});

test('thumbnails are not requested again once nothing real is pointed at', async () => {
  const timers = [];
  const { fetchThumbs } = load(partsOf('star_map'), ['fetchThumbs'], {
    matchMedia: () => ({ matches: false }),
    getComputedStyle: () => ({ fontSize: '16px' }),
    setTimeout: callback => timers.push(callback),
    fetch: async () => ({ status: 204 }),
  });
  const view = viewOf({ tooltip: { children: [{}, {}], matches: () => false }, pointed: null });
  view.head.thumbs = '/thumbs';
  fetchThumbs(view);
  await timers.shift()();
  assert.equal(timers.length, 0);
});
