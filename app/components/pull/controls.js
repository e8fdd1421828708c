// @ts-check
// Controls of the pull: phases, iterations, classes, images to follow through the network, and keys.

const TAKES_KEYS =
  'input, textarea, select, [contenteditable="true"], [role="radio"], [role="slider"], [role="tab"]';
const TAKES_SPACE = `${TAKES_KEYS}, button, summary, a[href], [role="button"]`;

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
 * @param {View} view
 * @param {KeyboardEvent} event
 */
function pressKey(view, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.defaultPrevented) return;
  const path = event.composedPath();
  if (!view.pageKeys && !path.includes(view.root)) return;
  const target = /** @type {Partial<Element>} */ (path[0]);
  if (target.matches?.(event.key === ' ' ? TAKES_SPACE : TAKES_KEYS)) return;
  const number = Number(event.key);
  if (event.key === 'ArrowRight') step(view, 1);
  else if (event.key === 'ArrowLeft') step(view, -1);
  else if (event.key === ' ') togglePlay(view);
  else if (view.revealed && number >= 1 && number <= PHASES.length)
    stopAt(view, { ...view.at, phase: number });
  else return;
  event.preventDefault();
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
  listenForTerms(view);
}
