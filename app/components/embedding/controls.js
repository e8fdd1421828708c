// @ts-check
// Controls of the embedding, and the sentences that say what is seen.

const PICKED_IMAGES = 8; // to choose from

/**
 * Changes what the address names, and tells the script.
 * @param {View} view
 * @param {Partial<EmbeddingState>} changes
 */
function changeState(view, changes) {
  Object.assign(view.state, changes);
  noteReport(view.reports, view.state);
  view.report('state', { ...view.state });
  showControls(view);
}

/**
 * A reader's choice: it is shown at once.
 * @param {View} view
 * @param {Partial<EmbeddingState>} changes
 */
function choose(view, changes) {
  changeState(view, changes);
  rest(view);
}

/**
 * A class chosen for one side; the other side takes its place where it was the same.
 * @param {View} view
 * @param {'label' | 'other'} side
 * @param {number} value
 */
function chooseClass(view, side, value) {
  const { label, other } = view.state;
  const [apart, before] = side === 'label' ? ['other', label] : ['label', other];
  const collides = value === (side === 'label' ? other : label);
  choose(view, {
    [side]: value,
    ...(collides ? { [apart]: before } : {}),
    ...(side === 'label' || collides ? { image: 0, drawing: '' } : {}),
  });
}

/** @param {View} view */
function showControls(view) {
  const { state, sheet, root, selects, picks, buttons, canvases } = view;
  if (!selects.label.options.length)
    for (const select of Object.values(selects))
      for (const [index, name] of sheet.classNames.entries()) select.add(new Option(name, String(index)));
  selects.label.value = String(state.label);
  selects.other.value = String(state.other);
  for (const pick of picks) {
    pick.checked = !state.drawing && Number(pick.value) === state.image;
    pick.ariaLabel = `${sheet.classNames[state.label]} ${Number(pick.value) + 1}`;
  }
  const pictures = picks.map(({ value }) => greyImage(sheet, state.label, Number(value)));
  paintPictures(canvases.picker, pictures, PICKED_IMAGES, 2);
  root.classList.toggle('asked', !view.revealed);
  buttons.undo.hidden = !state.drawing;
  buttons.blank.hidden = Boolean(state.drawing); // in its place: nothing moves under the pen
  for (const node of root.querySelectorAll('.own-name')) node.textContent = sheet.classNames[state.label];
  for (const node of root.querySelectorAll('.other-name')) node.textContent = sheet.classNames[state.other];
  readColours(view);
  root.style.setProperty('--own', view.colours.own);
  root.style.setProperty('--other', view.colours.other);
}

/**
 * A sentence on the measured shares, with what they are of.
 * @param {View} view
 */
function shareSentence(view) {
  const { sheet, state } = view;
  const { networks, pixels } = sharesOf(view);
  if (networks.length < COMPARED_NETWORKS)
    return `Measuring: ${networks.length} of ${COMPARED_NETWORKS} random networks.`;
  const mean = networks.reduce((sum, share) => sum + share, 0) / networks.length;
  const spread = Math.sqrt(
    networks.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (networks.length - 1),
  );
  const [own, other] = [sheet.classNames[state.label], sheet.classNames[state.other]];
  const count = grouped(comparisons(sheet.perClass, sheet.perClass));
  return (
    `${percent(mean)} \u00b1 ${(100 * spread).toFixed(0)}: so often two images of “${own}” are closer to each other than ` +
    `one of them is to one of “${other}”. Each dot is one of ${COMPARED_NETWORKS} random networks, with ${count} ` +
    `comparisons. The square is the pixels alone: ${percent(pixels)}. ${judgement(mean, spread, pixels)}`
  );
}

/**
 * What the shares say, in plain words.
 * @param {number} mean
 * @param {number} spread
 * @param {number} pixels
 */
function judgement(mean, spread, pixels) {
  if (mean < 0.6) return 'For these two a random network hardly helps: they look too much alike to it.';
  if (mean - spread > pixels) return 'The random networks keep these two apart better than the pixels do.';
  if (mean + spread < pixels) return 'The pixels keep these two apart better than random networks do.';
  return 'The random networks are about as good at it as the pixels.';
}

/** @param {number} share */
const percent = share => `${(100 * share).toFixed(0)}\u202f%`;

/**
 * Writes numbers and sentences.
 * @param {View} view
 * @param {Scene} scene
 * @param {Float32Array} features
 * @param {Map2d | null} map
 */
function showTexts(view, scene, features, map) {
  const { root, sheet, state, buttons, revealed, playing, canvases } = view;
  /** @type {(selector: string, text: string) => void} */
  const write = (selector, text) => {
    const node = find(root, selector);
    if (node.textContent !== text) node.textContent = text;
  };
  const name = scene.rests && state.drawing ? 'your drawing' : sheet.classNames[scene.label];
  write('.image-name', name);
  write('.count-own', scene.own ? `mean of ${scene.own}` : '');
  write('.count-other', scene.others ? `mean of ${scene.others}` : '');
  const reached = scene.phase === PHASES.length - 1 && map;
  /** @param {number} index */
  const away = index => (map ? Math.sqrt(squaredDistance(features, map.means[index])).toFixed(2) : '');
  const [own, other] = [away(0), away(1)];
  write('.to-own', reached && scene.own === sheet.perClass ? `${own} away` : '');
  write('.to-other', reached && scene.others === sheet.perClass ? `${other} away` : '');
  write('.share-text', revealed ? shareSentence(view) : '');
  buttons.play.textContent = playing
    ? '\u275a\u275a Pause'
    : scene.rests && !reducedMotion()
      ? '\u25b6 Play again'
      : reducedMotion()
        ? 'Next still'
        : '\u25b6 Play';
  const distances =
    scene.others === sheet.perClass ? `, ${other} from that of ${sheet.classNames[state.other]}` : '';
  const heard =
    playing || !reached || scene.own < sheet.perClass
      ? ''
      : `${name}: ${own} from the mean of ${sheet.classNames[state.label]}${distances}.`;
  write('[role=status]', heard);
  canvases.plane.ariaLabel =
    `${scene.own} points of ${sheet.classNames[state.label]}` +
    (scene.others
      ? ` and ${scene.others} of ${sheet.classNames[state.other]}, each class with its mean`
      : '');
  canvases.image.ariaLabel = `Image: ${name}. Arrow keys move over its pixels, Enter turns one white or black.`;
  root.dataset.networks = String(revealed ? sharesOf(view).networks.length : 0);
}

/** @param {View} view */
function listenToControls(view) {
  const { buttons, selects, picks } = view;
  for (const pick of picks)
    pick.addEventListener('change', () => choose(view, { image: Number(pick.value), drawing: '' }));
  for (const side of /** @type {const} */ (['label', 'other']))
    selects[side].addEventListener('change', () => chooseClass(view, side, Number(selects[side].value)));
  buttons.play.addEventListener('click', () => togglePlay(view));
  buttons.step.addEventListener('click', () => stepOnce(view));
  buttons.again.addEventListener('click', () => playFrom(view, 0));
  buttons.network.addEventListener('click', () => choose(view, { seed: (view.state.seed + 1) % 1000 }));
  buttons.blank.addEventListener('click', () => {
    choose(view, { drawing: encodeDrawing(new Uint8Array(IMAGE_SIZE)) });
    view.canvases.image.focus({ preventScroll: true });
    view.canvases.image.scrollIntoView({ block: 'center' });
  });
  buttons.undo.addEventListener('click', () => {
    choose(view, { drawing: '' });
    view.picks.find(({ checked }) => checked)?.focus();
  });
}
