// @ts-check
// The stream on the page: it runs once, and again when a network has answered.

const IMAGES_PER_SECOND = 1.6;
const FILM_MILLISECONDS = 4000; // ten images form from noise
const STILL = 6; // test images that have passed where less motion is preferred

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();

/** @param {View} view */
const isOver = view => view.passed >= view.head.label.length && view.played >= FILM_MILLISECONDS;

/** @param {View} view */
function draw(view) {
  for (const lane of view.lanes) {
    const share = Math.min(1, view.played / FILM_MILLISECONDS);
    drawSet(lane, Math.round(share * (lane.frames - 1)));
    drawTests(view, lane);
    showCount(view, lane);
  }
  view.button.textContent = view.playing ? 'Pause' : isOver(view) ? 'Again' : 'Play';
  view.root.dataset.passed = String(Math.floor(view.passed));
}

/**
 * Tells how many of the images that have passed the network were right.
 * @param {View} view
 * @param {Lane} lane
 */
function showCount(view, lane) {
  const passed = Math.min(Math.floor(view.passed), view.head.label.length);
  let right = 0;
  for (let image = 0; image < passed; image++)
    right += Number(lane.answers[image] === view.head.label[image]);
  const text = lane.answers.length
    ? `${right} of ${passed} right`
    : lane.summary || 'What will unseen clothes be taken for?';
  const [count, remark] = [find(lane.node, '.count b'), find(lane.node, '.count span')];
  if (count.textContent !== text) count.textContent = text;
  if (remark.textContent !== lane.remark) remark.textContent = lane.remark;
  lane.tests.setAttribute(
    'aria-label',
    `${view.head.label.length} real test images pass the network trained on ${lane.title}: ${text}.`,
  );
}

/** @param {View} view */
function play(view) {
  if (isOver(view)) Object.assign(view, { passed: 0, played: 0 });
  Object.assign(view, { playing: true, last: 0 });
  requestFrame(view);
}

/** @param {View} view */
const requestFrame = view => {
  view.frame ||= requestAnimationFrame(now => {
    view.frame = 0;
    if (view.stopped) return;
    if (view.playing) {
      const passed = Math.min(100, now - (view.last || now)); // a hidden tab does not jump
      view.last = now;
      view.played += passed;
      view.passed = Math.min(view.head.label.length, view.passed + (passed * IMAGES_PER_SECOND) / 1000);
      if (isOver(view)) view.playing = false;
    }
    draw(view);
    if (view.playing) requestFrame(view);
  });
};

/** @param {ComponentRoot} parent */
function mount(parent) {
  const root = find(parent, '.stream');
  const view = /** @type {View} */ (
    /** @type {unknown} */ ({
      ...{ root, lanes: [], sent: '', passed: 0, played: 0, playing: false, frame: 0, last: 0 },
      ...{ button: find(root, 'button') },
    })
  );
  view.button.addEventListener('click', () => {
    if (view.playing) view.playing = false;
    else play(view);
    requestFrame(view);
  });
  const signal = keepMounted(views, parent, view);
  observeSize(signal, () => requestFrame(view), root);
  return view;
}

/**
 * Takes what the script sends; returns whether answers are new, or everything is.
 * @param {View} view
 * @param {Uint8Array} data
 */
function take(view, data) {
  /** @type {ReturnType<typeof unpack<Head>>} */
  const { head, pixels, text } = unpack(data);
  if (text === view.sent) return false;
  let start = 0;
  /** @param {number[]} shape */
  const imagesOf = shape => {
    const [channels, height, width] = shape.slice(-3);
    const size = shape.reduce((product, length) => product * length, 1);
    start += size;
    return { channels, height, width, pixels: pixels.subarray(start - size, start) };
  };
  const box = find(view.root, '.lanes');
  view.lanes = head.lanes.map((packed, index) => {
    const { node, set, tests } = view.lanes[index] ?? createLane(box);
    find(node, '.title').textContent = packed.title;
    node.classList.toggle('is-learned', packed.learned);
    const [frames, count] = packed.images;
    set.setAttribute('aria-label', `${count} training images: ${packed.title}.`);
    return { ...packed, images: imagesOf(packed.images), frames, count, node, set, tests, drawn: -1 };
  });
  const tests = imagesOf(head.tests);
  /** @param {{lanes: PackedLane[]}} [of] */
  const answering = of => of?.lanes.some(({ answers }) => answers.length);
  const answered = answering(head) && !answering(view.head);
  const isNew = !view.sent || Boolean(answered);
  Object.assign(view, { head, side: tests.width, sheet: sheetOf(tests, head.tests[0]), sent: text });
  return isNew;
}

/** @param {HTMLElement} box */
function createLane(box) {
  const node = element('section', 'lane', '', box);
  element('div', 'title', '', node);
  const count = element('div', 'count', '', node);
  element('b', '', '', count);
  element('span', '', '', count);
  const set = element('canvas', 'set', '', node);
  const tests = element('canvas', 'tests', '', node);
  for (const canvas of [set, tests]) canvas.setAttribute('role', 'img');
  return { node, set, tests };
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<Uint8Array>} update
 */
export default function ({ data, parentElement }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const isNew = take(view, data);
  const style = getComputedStyle(view.root);
  /** @param {string} name */
  const colour = name => property(style, name);
  view.colours = {
    ...{ text: colour('--ink'), good: colour('--good'), bad: colour('--bad'), edge: colour('--edge') },
    backdrop: colour('--bg'),
  };
  if (isNew) {
    const still = reducedMotion()
      ? { passed: Math.min(STILL, view.head.label.length), played: FILM_MILLISECONDS }
      : {};
    Object.assign(view, { passed: 0, ...still });
    if (!reducedMotion()) play(view);
  }
  requestFrame(view);
  return stopOnceRemoved(view.root, view.stop);
}
