// @ts-check
// The embedding on the page: its elements and keys, and what Streamlit calls.

const CONTAINS_KEYS =
  'input:not([type="radio"]), textarea, select, button, summary, a[href], [role="tab"], [contenteditable="true"]';
const CONTAINS_SPACE = `${CONTAINS_KEYS}, input`; // it chooses a radio button that has the focus

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();

/**
 * Space plays and pauses, S is one step, B begins again, N draws another network.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
function pressKey(view, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat) return;
  const target = /** @type {Partial<Element>} */ (event.composedPath()[0]);
  if (target.matches?.(event.key === ' ' ? CONTAINS_SPACE : CONTAINS_KEYS)) return;
  /** @type {Record<string, () => void>} */
  const actions = {
    ' ': () => togglePlay(view),
    s: () => stepOnce(view),
    b: () => playFrom(view, 0),
    n: () => view.buttons.network.click(),
  };
  const action = actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
}

/** @param {ComponentRoot} parent */
function mount(parent) {
  const root = find(parent, '.embedding');
  /** @type {(selector: string) => any} */
  const named = selector =>
    Object.fromEntries(
      [...root.querySelectorAll(selector)].map(node => [node.getAttribute('name') ?? node.className, node]),
    );
  const picker = find(root, '.picks');
  for (let index = 0; index < PICKED_IMAGES; index++) {
    const pick = document.createElement('input');
    Object.assign(pick, { type: 'radio', name: 'image', value: String(index) });
    picker.append(pick);
  }
  const view = /** @type {View} */ ({
    ...{ root, reports: createReports(), revealed: false, beat: 0, playing: false, frame: 0, last: 0 },
    ...{ networks: new Map(), features: new Map(), map: null, shares: new Map() },
    ...{ canvases: named('canvas'), selects: named('select'), buttons: named('button') },
    ...{ picks: [...picker.querySelectorAll('input')], cursor: [13, 13], ink: null, stopped: false },
  });
  listenForEdits(view, find(root, '.pixels'));
  listenToControls(view);
  const unlink = linkTerms(root);
  const observer = new ResizeObserver(() => requestFrame(view));
  observer.observe(root);
  /** @param {KeyboardEvent} event */
  const onKey = event => pressKey(view, event);
  window.addEventListener('keydown', onKey);
  view.stop = () => {
    view.stopped = true;
    cancelAnimationFrame(view.frame);
    observer.disconnect();
    unlink();
    window.removeEventListener('keydown', onKey);
    views.delete(parent);
  };
  views.set(parent, view);
  return view;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<Uint8Array>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const fresh = !views.has(parentElement);
  const view = views.get(parentElement) ?? mount(parentElement);
  const { head, pixels } = /** @type {{head: EmbeddingHead, pixels: Uint8Array}} */ (unpack(data));
  const { sheet, state, revealed } = head;
  view.sheet ??= sheetOf(sheet, pixels);
  view.report = setTriggerValue;
  const answered = revealed && !view.revealed && !fresh;
  const askedAgain = !revealed && view.revealed;
  view.revealed = revealed;
  const isNew = isNews(view.reports, state, view.state);
  if (isNew) view.state = state;
  showControls(view);
  if (fresh || askedAgain) playFrom(view, 0);
  else if (answered) playFrom(view, lastBeat(view.sheet.perClass, false));
  else if (isNew) rest(view);
  else requestFrame(view);
  if (answered) view.buttons.play.focus({ preventScroll: true }); // the button of the answer is gone
  return stopOnceRemoved(view.root, view.stop);
}
