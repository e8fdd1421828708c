// @ts-check
// Controls of the planes: what is chosen, what is done, and the sentences that say what is seen.

/** Planes by the name of their networks in the address. @type {Record<string, {count: number, title: string}>} */
const PLANES = {
  1: { count: 1, title: 'one fixed network' },
  4: { count: 4, title: 'four in turn' },
  16: { count: 16, title: 'sixteen in turn' },
  new: { count: 0, title: 'new each step' },
};
const FULL_BAR = 1; // mean distance that fills the bar
const FEW_FEATURES = 3;
const MANY_FEATURES = 32;
const MOST_FEATURES = 64;
const RESTARTING = ['cloud', 'stars', 'features', 'seed']; // other changes leave the stars where they are

/**
 * Changes what the address names, and tells the script.
 * @param {View} view
 * @param {Partial<PlaneState>} changes
 */
function changeState(view, changes) {
  Object.assign(view.state, changes);
  noteReport(view.reports, view.state);
  view.report('state', { ...view.state });
  showControls(view);
}

/**
 * Takes the state that the script sends, unless it repeats, late, what was chosen here; returns whether it did.
 * @param {View} view
 * @param {PlaneState} state
 */
function takeState(view, state) {
  if (!isNews(view.reports, state, view.state)) return false;
  Object.assign(view, { state, drawing: isEmpty(state) });
  return true;
}

/**
 * Whether there is nothing to be pulled to until the reader draws it.
 * @param {PlaneState} state
 */
const isEmpty = state => state.cloud === 'own' && !decodePoints(state.points).length;

/**
 * A reader's choice: the state changes, and the stars start again if it concerns them.
 * @param {View} view
 * @param {Partial<PlaneState>} changes
 */
function choose(view, changes) {
  changeState(view, changes);
  if (RESTARTING.some(name => name in changes)) restart(view);
  else requestFrame(view);
}

/** @param {View} view */
function showControls(view) {
  const { state, fields, buttons, root } = view;
  for (const [name, inputs] of fields)
    for (const input of inputs) {
      const value = state[/** @type {keyof PlaneState} */ (name)];
      if (input.type === 'range') input.value = String(value);
      else input.checked = Array.isArray(value) ? value.includes(input.value) : value === input.value;
      // one plane is always shown
      input.disabled = input.type === 'checkbox' && input.checked && state.networks.length === 1;
      const number = input.parentElement?.querySelector('b');
      if (number) number.textContent = String(value);
    }
  const own = state.cloud === 'own';
  buttons.draw.hidden = buttons.clear.hidden = !own;
  buttons.draw.setAttribute('aria-pressed', String(view.drawing));
  root.classList.toggle('own', own);
  root.classList.toggle('drawing', view.drawing);
  root.classList.toggle('asked', !view.revealed);
  let shown = 0;
  for (const panel of view.panels) {
    panel.node.hidden = !state.networks.includes(panel.name);
    panel.mark.hidden = !view.guessed.includes(panel.name);
    if (isShown(panel)) panel.canvas.tabIndex = shown++ ? -1 : 0; // keys need one way to the cloud
  }
  root.style.setProperty('--shown', String(shown));
}

/**
 * What is to be seen, by what is chosen.
 * @param {View} view
 */
function noteOf(view) {
  const { state, cloud } = view;
  if (!cloud.length) return 'Draw a cloud into a plane: with the mouse, a finger, or arrow keys and Enter.';
  if (state.stars === 1)
    return (
      'One star can be in one place only. Over many networks it comes to rest close to the mean of the cloud, the ' +
      'cross, even where there are no dots. That is why one image per class looks like an average, and ten do not.'
    );
  if (state.behind === 'loss')
    return (
      'The loss is the difference between what a network measures on stars and dots. Blue: where one star alone would ' +
      'have a low loss. Few features leave a valley: a star may slide along it unnoticed. Many networks make a bowl.'
    );
  if (state.behind === 'folds')
    return (
      'A network measures along its own few lines. Between two lines it sees only where the stars are on average: ' +
      'it cannot tell a clump from an even cover.' +
      (state.networks.includes('new')
        ? ' With a new network each step you see the lines of the last one.'
        : '')
    );
  if (state.features <= FEW_FEATURES)
    return (
      `With ${state.features} features a network sees so little that on average even sixteen stay behind a new ` +
      'one each step. With 8 they come close.'
    );
  if (state.features >= MANY_FEATURES)
    return (
      `With ${state.features} features a network sees so much that on average ` +
      (state.features < MOST_FEATURES
        ? 'four come close to a new one each step. '
        : 'four come close to a new one each step, and even one is not far off. ') +
      'Go back to 8, or to 2, to see what is missed.'
    );
  const far = view.panels.some(panel => isShown(panel) && hasLeft(view, panel));
  const hint = matchMedia('(pointer: coarse)').matches
    ? 'Choose “your own” to draw a cloud with a finger.'
    : 'Drag the cloud with the mouse, and watch which stars follow. Keys: space plays and pauses, S is one step, B starts again.';
  return `${hint}${far ? ' A pale star at the edge is farther out.' : ''}`;
}

/**
 * Writes numbers and sentences.
 * @param {View} view
 */
function showTexts(view) {
  const { state, cloud, step, settled, playing, revealed, buttons } = view;
  const rest = settled >= STEPS;
  for (const { name, plane, distance, bar, canvas } of view.panels) {
    const mean = meanDistance(cloud, plane.stars);
    distance.textContent = cloud.length ? mean.toFixed(2) : '\u2013';
    bar.style.width = `${Math.min(100, (100 * mean) / FULL_BAR)}%`;
    const measured =
      revealed && cloud.length ? `, ${mean.toFixed(2)} from a point of the cloud to its nearest star` : '';
    canvas.setAttribute(
      'aria-label',
      `Cloud of ${cloud.length / 2} points, ${state.stars} stars, ${PLANES[name].title}${measured}. Arrow keys move a ring; Enter takes the cloud there, and lets it go.`,
    );
    if (!playing) canvas.dataset.stars = JSON.stringify(Array.from(plane.stars, value => +value.toFixed(3)));
  }
  view.count.textContent = !revealed
    ? ''
    : rest
      ? `at rest after ${grouped(step)} steps`
      : `step ${grouped(step)}`;
  buttons.play.textContent =
    playing && revealed ? '\u275a\u275a Pause' : reducedMotion() ? 'Next still' : '\u25b6 Play';
  const resting = !revealed || !cloud.length || rest;
  // not `disabled`, which would lose the focus
  for (const button of [buttons.play, buttons.step]) button.ariaDisabled = String(resting);
  const note = noteOf(view);
  if (view.note.textContent !== note) view.note.textContent = note;
  const distances = view.panels
    .filter(isShown)
    .map(({ name, distance }) => `${PLANES[name].title} ${distance.textContent}`);
  const heard =
    playing || !revealed || !step
      ? ''
      : `Step ${grouped(step)}. Mean distance to the nearest star: ${distances.join(', ')}.`;
  if (view.status.textContent !== heard) view.status.textContent = heard;
  view.root.dataset.step = String(step);
}

/** @param {View} view */
function listenToControls(view) {
  const { fields, buttons } = view;
  for (const [name, inputs] of fields)
    for (const input of inputs)
      if (input.type === 'range') {
        input.addEventListener('input', () => {
          Object.assign(view.state, { [name]: Number(input.value) });
          showControls(view);
          restart(view);
        });
        input.addEventListener('change', () => changeState(view, {}));
      } else
        input.addEventListener('change', () => {
          const checked = inputs.filter(({ checked }) => checked).map(({ value }) => value);
          if (name === 'cloud') view.drawing = isEmpty({ ...view.state, cloud: checked[0] });
          choose(view, { [name]: input.type === 'checkbox' ? checked : checked[0] });
        });
  buttons.play.addEventListener('click', () => play(view));
  buttons.step.addEventListener('click', () => stepOnce(view));
  buttons.again.addEventListener('click', () => restart(view));
  buttons.networks.addEventListener('click', () => choose(view, { seed: (view.state.seed + 1) % 1000 }));
  buttons.draw.addEventListener('click', () => {
    view.drawing = !view.drawing;
    showControls(view);
  });
  buttons.clear.addEventListener('click', () => {
    view.drawing = true;
    choose(view, { points: '', cloud: 'own' });
  });
}
