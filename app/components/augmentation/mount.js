// @ts-check
// The augmentation on the page: its elements and keys, and what Streamlit calls.

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();

/**
 * Space plays and pauses, S is one draw, B begins again, N draws another network.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
const pressKey = (view, event) =>
  takeKey(event, {
    ' ': () => togglePlay(view),
    s: () => stepOnce(view),
    b: () => restart(view),
    n: () => view.buttons.network.click(),
  });

/**
 * A card for each operation, and one for all.
 * @param {HTMLElement} root
 */
function createCards(root) {
  const box = find(root, '.operations');
  const cards = {
    any: { title: 'one of the six', extent: 'drawn each time, as in the paper' },
    ...OPERATIONS,
  };
  for (const [name, { title, extent }] of Object.entries(cards)) {
    const card = element('label', `card ${name}`, '', box);
    const input = element('input', '', '', card);
    Object.assign(input, { type: 'radio', name: 'operation', value: name });
    if (name === 'any') element('span', 'die', '?', card).ariaHidden = 'true';
    else {
      const canvas = element('canvas', name, '', card);
      canvas.ariaHidden = 'true';
    }
    element('b', '', title, card);
    element('small', '', extent, card);
  }
}

/** @param {ComponentRoot} parent */
function mount(parent) {
  const root = find(parent, '.augmentation');
  createCards(root);
  /** @type {(selector: string) => any} */
  const named = selector =>
    Object.fromEntries(
      [...root.querySelectorAll(selector)].map(node => [node.getAttribute('name') ?? node.className, node]),
    );
  const view = /** @type {View} */ (
    /** @type {unknown} */ ({
      ...{ root, reports: createReports(), revealed: false, playing: false, stepping: false },
      ...{ trials: [], images: [], work: null, byHand: null, yardsticks: null },
      ...{ shown: 0, frame: 0, last: 0, now: 0 },
      ...{ canvases: named('canvas'), buttons: named('button') },
      operations: [...find(root, '.operations').querySelectorAll('input')],
      select: /** @type {HTMLSelectElement} */ (find(root, 'select')),
      sliders: find(root, '.sliders'),
    })
  );
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
  const { head, pixels } = /** @type {{head: AugmentationHead, pixels: Uint8Array}} */ (unpack(data));
  view.sheet ??= sheetOf(head.sheet, pixels);
  view.report = setTriggerValue;
  const answered = head.revealed && !view.revealed && !fresh;
  const askedAgain = !head.revealed && view.revealed;
  view.revealed = head.revealed;
  const isNew = isNews(view.reports, head.state, view.state);
  if (isNew) view.state = head.state;
  if (isNew || askedAgain) restart(view);
  else if (answered) play(view);
  showControls(view);
  requestFrame(view);
  if (answered) view.buttons.play.focus({ preventScroll: true }); // the button of the answer is gone
  return stopOnceRemoved(view.root, view.stop);
}
