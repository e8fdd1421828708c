// @ts-check
// The averaging on the page: it plays once, then a slider lays images on each other.

const IMAGES_PER_SECOND = 8;

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();

/**
 * Stops of the slider: each number of images, and all of the class.
 * @param {View} view
 */
const stopsOf = view => view.real.count + 1;

/** @param {View} view */
const laidText = ({ laid, real, head: { total } }) => {
  if (laid <= real.count) return String(laid);
  return total ? `all ${grouped(total)}` : 'all';
};

/** @param {View} view */
function draw(view) {
  const { root, real, mean, learned, head, laid } = view;
  const levels = laid > real.count ? mean.pixels : meanOf(real, laid);
  const [sum, learnedPicture, difference] = /** @type {HTMLCanvasElement[]} */ ([
    ...root.querySelectorAll('canvas'),
  ]);
  drawImage(sum, real, levels);
  drawImage(learnedPicture, learned, learned.pixels);
  const scale = ['.minus', '.zero', '.plus'].map(name => channelsOf(find(root, name)));
  drawDifference(difference, learned, mean, head.reach, scale);
  const texts = [
    laid === 1 ? `1 real image: ${head.name}` : `mean of ${laidText(view)} real images: ${head.name}`,
    `learned image: ${head.name}`,
    head.revealed ? 'learned − mean, in levels of 255' : '',
  ];
  for (const [index, caption] of [...root.querySelectorAll('figcaption')].entries())
    caption.textContent = texts[index];
  sum.setAttribute('aria-label', texts[0]);
  learnedPicture.setAttribute('aria-label', texts[1]);
  difference.setAttribute(
    'aria-label',
    `Learned image minus mean image, in a colour scale from ${head.reach} levels of 255 darker to as many lighter.`,
  );
  find(root, '.difference').classList.toggle('asked', !head.revealed);
  const [darker, , lighter] = [...root.querySelectorAll('.ends span')];
  darker.textContent = `−${head.reach}`;
  lighter.textContent = `+${head.reach}`;
  find(root, 'label b').textContent = laidText(view);
  Object.assign(view.slider, { max: String(stopsOf(view)), value: String(laid) });
  view.slider.setAttribute('aria-valuetext', `${laidText(view)} images`);
  view.button.textContent = view.playing ? 'Pause' : 'Play';
  root.dataset.laid = String(laid);
}

/** @param {View} view */
function play(view) {
  if (view.laid >= stopsOf(view)) view.laid = 1;
  Object.assign(view, { playing: true, last: 0 });
  requestFrame(view);
  draw(view);
}

/** @param {View} view */
function pause(view) {
  view.playing = false;
  draw(view);
}

/** @param {View} view */
const requestFrame = view => {
  view.frame ||= requestAnimationFrame(now => {
    view.frame = 0;
    if (view.stopped || !view.playing) return;
    view.last ||= now;
    const steps = Math.floor(((now - view.last) * IMAGES_PER_SECOND) / 1000);
    if (steps) {
      view.last += (steps * 1000) / IMAGES_PER_SECOND;
      view.laid = Math.min(stopsOf(view), view.laid + steps);
      view.playing = view.laid < stopsOf(view);
      draw(view);
    }
    requestFrame(view);
  });
};

/** @param {ComponentRoot} parent */
function mount(parent) {
  const root = find(parent, '.averaging');
  const view = /** @type {View} */ (
    /** @type {unknown} */ ({
      ...{ root, sent: '', laid: 1, playing: false, frame: 0, last: 0 },
      slider: find(root, 'input'),
      button: find(root, 'button'),
    })
  );
  view.slider.addEventListener('input', () => {
    Object.assign(view, { playing: false, laid: Number(view.slider.value) });
    draw(view);
  });
  view.button.addEventListener('click', () => (view.playing ? pause(view) : play(view)));
  keepMounted(views, parent, view);
  return view;
}

/**
 * Takes what the script sends; images of another class or data set play again.
 * @param {View} view
 * @param {Uint8Array} data
 */
function take(view, data) {
  /** @type {ReturnType<typeof unpack<Head>>} */
  const { head, pixels } = unpack(data);
  let start = 0;
  const [real, mean, learned] = [head.real, head.mean, head.learned].map(
    ([count, channels, height, width]) => {
      const size = count * channels * height * width;
      start += size;
      return { count, channels, height, width, pixels: pixels.subarray(start - size, start) };
    },
  );
  const sent = JSON.stringify({ ...head, revealed: false });
  const isNew = sent !== view.sent;
  Object.assign(view, { head, real, mean, learned, sent });
  if (isNew) view.laid = reducedMotion() ? stopsOf(view) : 1;
  return isNew;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<Uint8Array>} update
 */
export default function ({ data, parentElement }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  if (take(view, data) && !reducedMotion()) play(view);
  else draw(view);
  return stopOnceRemoved(view.root, view.stop);
}
