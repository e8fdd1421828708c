// @ts-check
// Controls of the pull: phases, iterations, classes, images to follow through the network, and keys.

/**
 * An image's way through the network.
 * @param {View} view
 * @param {'image' | 'synthetic'} kind
 * @param {number} index
 */
function followImage(view, kind, index) {
  view[kind] = index;
  showMaps(view);
  stopAt(view, { ...view.at, phase: 4 });
}

/**
 * Of a presenter, Page Down and Page Up go from phase to phase, anywhere on the page. Beyond the first and the last
 * they are the page's.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
function pressRemoteKey(view, event) {
  if (!view.remote) return;
  const { phase } = view.at;
  takeKey(event, {
    ...(phase < lastPhase(view.revealed) && { PageDown: () => step(view, 1) }),
    ...(phase > 1 && { PageUp: () => step(view, -1) }),
  });
}

/**
 * Arrows go a phase on and back, Space plays and pauses, numbers go to a phase.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
function pressKey(view, event) {
  if (!view.pageKeys && !event.composedPath().includes(view.root)) return;
  const phases = view.revealed ? PHASES.map((_, index) => index + 1) : [];
  takeKey(event, {
    ...Object.fromEntries(phases.map(phase => [phase, () => stopAt(view, { ...view.at, phase })])),
    ArrowRight: () => step(view, 1),
    ArrowLeft: () => step(view, -1),
    ' ': () => togglePlay(view),
  });
}

/** @param {View} view */
function listen(view) {
  const { root } = view;
  const rail = find(root, '.rail');
  PHASES.forEach((name, index) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(element('b', '', String(index + 1)), ' ', element('span', '', name));
    element('li', '', '', rail).append(button);
  });
  rail.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    const phase = button ? [...rail.querySelectorAll('button')].indexOf(button) + 1 : 0;
    if (phase && phase <= lastPhase(view.revealed)) stopAt(view, { ...view.at, phase });
  });
  find(root, '.segments').addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    const scene = button ? [...find(root, '.segments').children].indexOf(button) : -1;
    if (scene < 0 || (scene && !view.revealed)) return;
    goTo(view, { ...view.at, scene });
    reportState(view);
  });
  find(root, 'select').addEventListener('change', ({ target }) =>
    reportState(view, { label: Number(/** @type {HTMLSelectElement} */ (target).value) }),
  );
  find(root, '[name=play]').addEventListener('click', () => togglePlay(view));
  find(root, '[name=back]').addEventListener('click', () => step(view, -1));
  find(root, '[name=next]').addEventListener('click', () => step(view, 1));
  find(root, '.scene').addEventListener('click', ({ target }) => {
    const tile = target instanceof Element ? target.closest('button') : null;
    if (!tile) return;
    const synthetic = tile.closest('.synthetic-images, .synthetic-augmented');
    followImage(view, synthetic ? 'synthetic' : 'image', Number(tile.dataset.image));
  });
  find(root, '.formula').addEventListener('toggle', ({ target }) => {
    const formula = Number(/** @type {HTMLDetailsElement} */ (target).open);
    if (formula === view.formula) return; // as the script said
    view.formula = formula;
    reportState(view);
  });
  listenForTerms(view);
}
