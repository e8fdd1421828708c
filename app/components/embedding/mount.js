// @ts-check
// The embedding on the page: its elements and keys, and what Streamlit calls.

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();

/**
 * Space plays and pauses, S is one step, B begins again, N draws another network.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
const pressKey = (view, event) =>
  takeKey(event, {
    ' ': () => togglePlay(view),
    s: () => stepOnce(view),
    b: () => playFrom(view, 0),
    n: () => view.buttons.network.click(),
  });

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
    ...{ picks: [...picker.querySelectorAll('input')], cursor: [13, 13], ink: null },
  });
  listenForEdits(view, find(root, '.pixels'));
  listenToControls(view);
  const signal = keepMounted(views, parent, view);
  linkTerms(signal, root);
  keepRoom(signal, root);
  observeSize(signal, () => requestFrame(view), root);
  window.addEventListener('keydown', event => pressKey(view, event), { signal });
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
