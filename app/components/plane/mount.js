// @ts-check
// The planes on the page: their elements and keys, and what Streamlit calls.

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();

/**
 * @param {string} name
 * @param {HTMLElement} box
 * @returns {Panel}
 */
function createPanel(name, box) {
  const node = document.createElement('section');
  node.className = 'panel';
  node.innerHTML = `
    <div class="head">
      <h2></h2>
      <span class="result" title="Mean distance from a dot to the nearest star: the smaller, the more evenly the stars cover the cloud"
        >distance <b></b
      ></span>
    </div>
    <div class="bar"><div></div></div>
    <span class="guessed" hidden>your guess</span>
    <canvas role="application" aria-roledescription="plane"></canvas>`;
  find(node, 'h2').textContent = PLANES[name].title;
  box.append(node);
  return /** @type {Panel} */ ({
    name,
    node,
    canvas: /** @type {HTMLCanvasElement} */ (find(node, 'canvas')),
    mark: find(node, '.guessed'),
    distance: find(node, 'b'),
    bar: find(node, '.bar div'),
    field: null,
  });
}

/**
 * Space plays once there is something to play, S is one step, B begins again.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
const pressKey = (view, event) =>
  takeKey(event, {
    ...(view.revealed && view.cloud.length > 0 && { ' ': () => play(view) }),
    s: () => stepOnce(view),
    b: () => restart(view),
  });

/**
 * Links the planes to the terms of the formula: to point at a star or at the cloud lights its symbol.
 * @param {View} view
 * @param {AbortSignal} signal that ends it
 */
function linkToFormula(view, signal) {
  for (const panel of view.panels) {
    panel.canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
      const term = termAt(view, panel, offsetX, offsetY);
      if (term !== view.lit) lightTerm(term);
    });
    panel.canvas.addEventListener('pointerleave', () => view.lit && lightTerm(''));
  }
  linkTerms(signal, view.root, term => {
    view.lit = term;
    requestFrame(view);
  });
}

/** @param {ComponentRoot} parent */
function mount(parent) {
  const root = find(parent, '.planes');
  const fields = new Map();
  for (const input of root.querySelectorAll('input'))
    fields.set(input.name, [...(fields.get(input.name) ?? []), input]);
  const buttons = Object.fromEntries(
    [...root.querySelectorAll('button')].map(button => [button.name, button]),
  );
  const view = /** @type {View} */ (
    /** @type {unknown} */ ({
      ...{
        root,
        fields,
        buttons,
        state: {},
        reports: createReports(),
        revealed: false,
        guessed: [],
        cloud: [],
      },
      ...{ step: 0, settled: 0, playing: false, frame: 0, frames: 0, last: 0, due: 0 },
      ...{ dots: document.createElement('canvas'), dotsStale: true, size: { width: 0, height: 0 }, ratio: 1 },
      ...{
        lit: '',
        drawing: false,
        edited: false,
        pointer: null,
        cursor: [0, 0],
        holding: false,
      },
      ...{
        note: find(parent, '.note'),
        count: find(parent, '.count'),
        status: find(parent, '[role=status]'),
      },
    })
  );
  view.panels = Object.keys(PLANES).map(name => createPanel(name, find(parent, '.panels')));
  for (const { canvas } of view.panels) listenForEdits(view, canvas);
  listenToControls(view);
  const signal = keepMounted(views, parent, view);
  linkToFormula(view, signal);
  const onResize = () => {
    measure(view);
    drawPlanes(view);
  };
  keepRoom(signal, root);
  observeSize(signal, onResize, root, ...view.panels.map(({ canvas }) => canvas));
  window.addEventListener('keydown', event => pressKey(view, event), { signal });
  return view;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<PlaneData>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const fresh = !views.has(parentElement);
  const view = views.get(parentElement) ?? mount(parentElement);
  const { revealed, guessed, ...state } = data;
  view.report = setTriggerValue;
  const answered = revealed && !view.revealed && !fresh;
  const askedAgain = !revealed && view.revealed;
  Object.assign(view, { revealed, guessed });
  const isNew = takeState(view, state);
  showControls(view);
  measure(view);
  if (isNew || askedAgain) restart(view);
  if (answered || (fresh && revealed && reducedMotion())) reveal(view);
  else requestFrame(view);
  if (answered) view.buttons.play.focus({ preventScroll: true }); // the button of the answer is gone
  return stopOnceRemoved(view.root, view.stop);
}
