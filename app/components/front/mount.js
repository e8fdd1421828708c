// @ts-check
// The recording on the page: its elements, and what Streamlit calls.

const UNDECODABLE =
  'This browser cannot decode the pictures: reload the page, or open it in another browser.';

/** @type {WeakMap<ComponentRoot, FrontView>} */
const views = new WeakMap();

/**
 * Writes what does not change while it plays.
 * @param {FrontView} view
 */
function writeTexts({ root, real, slider, head }) {
  const classes = head.class_names.length;
  const texts = {
    '.count': `${grouped(head.real_count)} real images`,
    '.each': `${grouped(Math.round(head.real_count / classes))} of each class`,
    '.learned': classes === 10 ? 'Ten learned images' : `${classes} learned images`,
    '.start': `from ${head.start}`,
    '.recorded': `recorded · ${head.recorded}`,
    '.question span': `how many of ${grouped(head.test_count)} unseen images does a network get right?`,
  };
  for (const [selector, text] of Object.entries(texts)) find(root, selector).textContent = text;
  real.setAttribute('aria-label', `A wall of some of the ${texts['.count']}`);
  const last = head.iterations.length - 1;
  slider.max = String(last);
  const ticks = find(root, '.ticks');
  ticks.replaceChildren();
  for (const moment of tickMoments(head.iterations.length))
    element('span', '', grouped(head.iterations[moment]), ticks).style.left =
      `${(100 * moment) / Math.max(1, last)}%`;
  writeProvenance(find(root, '.panel'), head);
}

/** @param {FrontView} view */
function drawAll(view) {
  if (!view.sheets) return;
  drawReal(view);
  drawLearned(view);
  drawAccuracies(view);
}

/**
 * Decodes the pictures, shows them and begins, unless the view has ended or has another recording by then.
 * @param {FrontView} view
 * @param {Uint8Array} pixels
 */
async function showSheets(view, pixels) {
  const { head, text, root } = view;
  const sheets = await decodeSheets(head, pixels).catch(() => null);
  const reached = await window.dmHandOver?.(view.ten);
  if (view.stopped || view.text !== text) return;
  root.classList.toggle('undecodable', !sheets);
  view.sheets = sheets;
  if (!sheets) {
    find(root, '.under').textContent = UNDECODABLE;
    drawAccuracies(view);
    return;
  }
  drawAll(view);
  begin(view, reached);
}

/** @param {ComponentRoot} parent */
function mount(parent) {
  const root = find(parent, '.front');
  const view = /** @type {FrontView} */ ({
    root,
    real: find(root, '.real'),
    ten: find(root, '.ten'),
    slider: find(root, 'input'),
    button: find(root, '.play'),
    text: '',
    sheets: null,
    moment: 0,
    playing: false,
    timer: 0,
  });
  view.button.addEventListener('click', () => pressPlay(view));
  view.slider.addEventListener('input', () => {
    view.playing = false;
    goTo(view, Number(view.slider.value));
    waitForNext(view);
  });
  view.ten.addEventListener('pointermove', event => {
    view.ten.title = classAt(view, event.offsetX, event.offsetY);
  });
  const signal = keepMounted(views, parent, view);
  observeSize(signal, () => drawAll(view), root);
  signal.addEventListener('abort', () => clearTimeout(view.timer));
  closeOnLeave(signal, /** @type {HTMLDetailsElement} */ (find(root, '.how')));
  return view;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<Uint8Array>} update
 */
export default function ({ data, parentElement }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const { head, pixels, text } = /** @type {{head: RecordingHead, pixels: Uint8Array, text: string}} */ (
    unpack(data)
  );
  if (text === view.text)
    drawAll(view); // the theme may have changed
  else {
    Object.assign(view, { head, text });
    writeTexts(view);
    void showSheets(view, pixels);
  }
  return stopOnceRemoved(view.root, view.stop);
}
