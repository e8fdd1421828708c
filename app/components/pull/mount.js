// @ts-check
// The pull on the page: its state, and what Streamlit calls.

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();

/** @param {ComponentRoot} parent */
function mount(parent) {
  const root = find(parent, '.pull');
  const view = /** @type {View} */ (
    /** @type {unknown} */ ({
      ...{ root, head: null, scenes: [], content: '', at: { scene: 0, phase: 1 }, playing: false },
      ...{
        revealed: true,
        pageKeys: false,
        remote: false,
        image: 0,
        synthetic: 0,
        formula: 0,
        progress: 1,
        term: '',
      },
      ...{ reports: createReports(), timer: 0, frame: 0 },
    })
  );
  listen(view);
  const signal = keepMounted(views, parent, view);
  keepRoom(signal, root, () => view.head?.below ?? 0);
  observeSize(signal, () => view.scenes.length && drawPlane(view), root, find(root, '.plane canvas'));
  window.addEventListener('keydown', event => pressKey(view, event), { signal });
  // before the page's own shortcuts, which may turn to another chapter
  window.addEventListener('keydown', event => pressRemoteKey(view, event), { signal, capture: true });
  signal.addEventListener('abort', () => {
    clearTimeout(view.timer);
    cancelAnimationFrame(view.frame);
  });
  return view;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<Uint8Array>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const fresh = !views.has(parentElement);
  const view = views.get(parentElement) ?? mount(parentElement);
  const { head, scenes, content } = readScenes(data);
  const { state, revealed } = head;
  const answered = revealed && !view.revealed && !fresh;
  const askedAgain = !revealed && view.revealed && !fresh;
  const isNew = content !== view.content;
  Object.assign(view, { head, scenes, content, revealed, pageKeys: head.page_keys, remote: head.remote });
  view.report = setTriggerValue;
  readColours(view);
  if (isNew) showChoices(view);
  const foreign = isNews(view.reports, state, fresh ? {} : stateOf(view));
  if (fresh || foreign) {
    const { iteration, phase, image, formula } = state;
    view.formula = formula;
    /** @type {HTMLDetailsElement} */ (find(view.root, '.formula')).open = formula === 1;
    view.image = Math.min(image, scenes[0].pictures.real.length - 1);
    view.playing = !phase && !reducedMotion();
    view.at = { scene: iteration, phase: phase || (reducedMotion() ? PHASES.length : 1) };
  }
  if (answered || askedAgain) {
    view.playing = !reducedMotion();
    view.at = answered ? { scene: 0, phase: ASKED + 1 } : { scene: 0, phase: 1 };
    if (reducedMotion()) view.at.phase = PHASES.length;
  }
  view.at = within(view.at, scenes.length, view.revealed);
  view.synthetic = Math.min(view.synthetic, scenes[0].pictures.synthetic.length - 1);
  showScene(view);
  if (fresh || foreign || isNew || answered || askedAgain) {
    showPhase(view);
    setTimer(view);
  } else drawPlane(view);
  return stopOnceRemoved(view.root, view.stop);
}
