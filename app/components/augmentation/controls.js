// @ts-check
// Controls of the augmentation, and the sentences that say what is seen.

const CHANGING_IMAGES = ['label', 'operation', 'seed']; // and the draws, or the network

/**
 * Changes what the address names, and tells the script.
 * @param {View} view
 * @param {Partial<AugmentationState>} changes
 */
function changeState(view, changes) {
  Object.assign(view.state, changes);
  noteReport(view.reports, view.state);
  view.report('state', { ...view.state });
  showControls(view);
}

/**
 * A reader's choice.
 * @param {View} view
 * @param {Partial<AugmentationState>} changes
 */
function choose(view, changes) {
  const renewed = CHANGING_IMAGES.some(name => name in changes);
  changeState(view, renewed && !('real' in changes) ? { ...changes, real: '', copies: '' } : changes);
  if (renewed) restart(view);
  else requestFrame(view);
}

/** @param {View} view */
function showControls(view) {
  const { state, sheet, root, select, operations } = view;
  if (!select.options.length)
    for (const [index, name] of sheet.classNames.entries()) select.add(new Option(name, String(index)));
  select.value = String(state.label);
  for (const input of operations) input.checked = input.value === state.operation;
  root.classList.toggle('asked', !view.revealed);
  showSliders(view);
  readColours(view);
}

/**
 * A slider for each parameter and side, where one operation is chosen; a new operation has new ones.
 * @param {View} view
 */
function showSliders(view) {
  const { state, sliders } = view;
  const operation = OPERATIONS[state.operation];
  sliders.hidden = !operation;
  if (!operation) return;
  if (sliders.dataset.operation !== state.operation) {
    sliders.dataset.operation = state.operation;
    const box = find(sliders, '.boxes');
    box.textContent = '';
    for (const side of /** @type {const} */ (['real', 'copies']))
      for (const [index, parameter] of operation.parameters.entries()) {
        const label = element('label', 'slider', '', box);
        label.dataset.term = side === 'real' ? 'omega' : 'omega2';
        label.hidden = Boolean(parameter.unseen); // its value stays in the link
        const name = side === 'real' ? 'real' : 'copies, right side';
        element('span', '', `${parameter.name}: ${name} `, label);
        const input = element('input', '', '', label);
        Object.assign(input, { type: 'range', min: String(parameter.low), max: String(parameter.high) });
        input.step = parameter.whole ? '1' : '0.05';
        input.dataset.side = side;
        input.dataset.index = String(index);
        input.addEventListener('input', () => setByHand(view, false));
        input.addEventListener('change', () => setByHand(view, true));
      }
  }
  const trial = lookedAt(view) ?? drawPair(state, 0);
  for (const input of sliders.querySelectorAll('input')) {
    const side = input.dataset.side === 'real' ? 'real' : 'copies';
    const augmentation = chosenAugmentation(state, side) ?? trial[side];
    const value = augmentation.values[Number(input.dataset.index)];
    if (value !== undefined) input.value = String(value);
  }
}

/**
 * Takes the sliders for the augmentations, in place of draws.
 * @param {View} view
 * @param {boolean} isFinal whether the address is to name it
 */
function setByHand(view, isFinal) {
  const values = { real: '', copies: '' };
  for (const side of /** @type {const} */ (['real', 'copies']))
    values[side] = [...view.sliders.querySelectorAll('input')]
      .filter(({ dataset }) => dataset.side === side)
      .map(({ value }) => String(+Number(value).toFixed(2)))
      .join('_');
  view.playing = false;
  view.byHand = view.work = null;
  Object.assign(view.state, values);
  if (isFinal) changeState(view, values);
  requestFrame(view);
}

/**
 * An augmentation in words, those of `describe_operation` in app/text/narration.py for grey images.
 * @param {Augmentation} augmentation
 */
function inWords({ operation, values }) {
  const [first, second, third] = values;
  if (operation === 'rotate') return `rotate ${signed(first, 1)}°`;
  if (operation === 'scale')
    return `scale ×${(1 / first).toFixed(2)} across, ×${(1 / second).toFixed(2)} down`;
  if (operation === 'flip') return first ? 'flip' : 'no flip';
  if (operation === 'color') return `colour: brightness ${signed(first, 2)}, contrast ×${third.toFixed(2)}`;
  if (operation === 'cutout') return `cut out around row ${first}, column ${second}`;
  const moves = [];
  if (first) moves.push(`${Math.abs(first)} ${first > 0 ? 'up' : 'down'}`);
  if (second) moves.push(`${Math.abs(second)} ${second > 0 ? 'left' : 'right'}`);
  return moves.length ? `shift ${moves.join(', ')}` : 'no shift';
}

/** @type {(value: number, digits: number) => string} */
const signed = (value, digits) => {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) ? `${value < 0 ? '\u2212' : '+'}${text}` : '0';
};

/**
 * What the draws say, with their number.
 * @param {View} view
 */
function distanceSentence(view) {
  const { trials, yardsticks, sheet, state } = view;
  const shown = trials.slice(0, view.shown);
  if (!shown.length || !yardsticks) return 'Measuring.';
  const separate = spreadOf(shown.map(trial => trial.separate));
  const same = spreadOf(shown.map(trial => trial.same));
  const own = sheet.classNames[state.label];
  return (
    `Each of ${shown.length} draws is a dot: the squared distance of the two means. The same change: ` +
    `${number(same.high)} in every draw. A change for each side: median ${number(separate.median)}, from ` +
    `${number(separate.low)} to ${number(separate.high)}. Dashed lines, without any change: ten other images of “${own}” ` +
    `are ${number(yardsticks.otherImages)} away, ten of “${sheet.classNames[otherLabel(view)]}” ` +
    `${number(yardsticks.otherClass)}.`
  );
}

/**
 * What is drawn of a trial, with its distances.
 * @param {Trial} trial
 */
const drawnSentence = ({ real, copies, same, separate }) =>
  `Above on the right: real images “${inWords(real)}”, their copies “${inWords(copies)}”. They are ` +
  `${number(separate)} apart. On the left, with the same change: ${number(same)}.`;

/** @param {number} value */
const number = value =>
  value === 0 ? '0' : value < 0.1 ? 'under 0.1' : value < 10 ? value.toFixed(1) : value.toFixed(0);

/** @param {View} view */
function showTexts(view) {
  const { root, buttons, state, revealed, playing } = view;
  const trial = lookedAt(view);
  /** @type {(selector: string, text: string) => void} */
  const write = (selector, text) => {
    for (const node of root.querySelectorAll(selector))
      if (node.textContent !== text) node.textContent = text;
  };
  const pair = trial ?? drawPair(state, 0);
  write('.omega', inWords(pair.real));
  write('.omega2', inWords(pair.copies));
  write('.same-distance', revealed && trial ? number(trial.same) : '');
  write('.separate-distance', revealed && trial ? number(trial.separate) : '');
  write('.drawn-text', revealed && trial ? drawnSentence(trial) : '');
  write('.distance-text', revealed ? distanceSentence(view) : '');
  const done = view.shown >= trialsToShow(view);
  buttons.play.textContent = playing
    ? '\u275a\u275a Pause'
    : reducedMotion()
      ? 'Next still'
      : done
        ? '\u25b6 Play again'
        : '\u25b6 Play';
  buttons.draws.hidden = !view.byHand;
  write(
    '[role=status]',
    revealed && !playing && trial && (done || view.byHand || view.stepping)
      ? `Draw ${view.shown}: ${number(trial.same)} with the same change, ${number(trial.separate)} with one for each side.`
      : '',
  );
  root.dataset.shown = String(view.shown);
  root.dataset.same = trial ? String(trial.same) : '';
  root.dataset.separate = trial ? String(trial.separate) : '';
}

/** @param {View} view */
function listenToControls(view) {
  const { buttons, select, operations } = view;
  for (const input of operations)
    input.addEventListener('change', () => choose(view, { operation: input.value }));
  select.addEventListener('change', () => choose(view, { label: Number(select.value) }));
  buttons.play.addEventListener('click', () => togglePlay(view));
  buttons.step.addEventListener('click', () => stepOnce(view));
  buttons.again.addEventListener('click', () => restart(view));
  buttons.network.addEventListener('click', () => choose(view, { seed: (view.state.seed + 1) % 1000 }));
  buttons.draws.addEventListener('click', () => {
    view.byHand = null;
    choose(view, { real: '', copies: '' });
    buttons.play.focus();
  });
}
