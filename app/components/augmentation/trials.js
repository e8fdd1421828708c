// @ts-check
// Trials: the same images on both sides, one draw of ω for both or one for each, and the distance of their means.

const TRIAL_IMAGES = 10;
const TRIALS = 40;
const OPENING_TRIALS = 6; // before a guess
const TRIAL_SEED = 6;

/** @param {View} view */
const trialsToShow = view => (view.revealed ? TRIALS : OPENING_TRIALS);

/**
 * Names of the operations that are drawn from.
 * @param {AugmentationState} state
 */
const drawnNames = ({ operation }) => (operation === 'any' ? Object.keys(OPERATIONS) : [operation]);

/**
 * Mean features of images under an augmentation, image by image: a frame has time for a few.
 * @param {Float32Array[]} images
 * @param {Augmentation | null} augmentation
 * @param {RandomNetwork} network
 * @returns {Generator<void, Float64Array>}
 */
function* meanFeatures(images, augmentation, network) {
  const features = [];
  for (const image of images) {
    features.push(featuresOf(augmentation ? augment(image, augmentation) : image, network));
    yield;
  }
  return meanVector(features);
}

/**
 * A trial with these augmentations; the copies are the same images.
 * @param {Float32Array[]} images
 * @param {RandomNetwork} network
 * @param {Augmentation} real
 * @param {Augmentation} copies
 * @returns {Generator<void, Trial>}
 */
function* runTrial(images, network, real, copies) {
  const realMean = yield* meanFeatures(images, real, network);
  const alikeMean = yield* meanFeatures(images, real, network);
  const ownMean = yield* meanFeatures(images, copies, network);
  return {
    ...{ real, copies },
    same: squaredDistance(realMean, alikeMean),
    separate: squaredDistance(realMean, ownMean),
  };
}

/**
 * Images of a class, as the network takes them.
 * @param {ImageSheet} sheet
 * @param {number} label
 * @param {number} first
 */
const imagesOf = (sheet, label, first) =>
  Array.from({ length: TRIAL_IMAGES }, (_, at) => normalised(greyImage(sheet, label, first + at), sheet));

/**
 * Class to compare with.
 * @param {View} view
 */
const otherLabel = ({ state, sheet }) =>
  (state.label + sheet.classNames.length - 1) % sheet.classNames.length;

/**
 * How far ten other images of the class lie apart, and ten of another class.
 * @param {View} view
 * @returns {Generator<void, Yardsticks>}
 */
function* measureYardsticks(view) {
  const { sheet, state, network, images } = view;
  const mean = yield* meanFeatures(images, null, network);
  const others = yield* meanFeatures(imagesOf(sheet, state.label, TRIAL_IMAGES), null, network);
  const apart = yield* meanFeatures(imagesOf(sheet, otherLabel(view), 0), null, network);
  return { otherImages: squaredDistance(mean, others), otherClass: squaredDistance(mean, apart) };
}

/**
 * The two draws of a trial; the second is drawn until it is another change.
 * @param {AugmentationState} state
 * @param {number} index
 */
function drawPair(state, index) {
  const random = randomNumbers(TRIAL_SEED, state.seed, index);
  const names = drawnNames(state);
  const real = drawAugmentation(random, names);
  let copies = drawAugmentation(random, names);
  while (inWords(copies) === inWords(real)) copies = drawAugmentation(random, names);
  return { real, copies };
}

/**
 * Parameters that a text names, each within its range; null where it names none of this operation.
 * @param {AugmentationState} state
 * @param {'real' | 'copies'} side
 * @returns {Augmentation | null}
 */
function chosenAugmentation(state, side) {
  const parameters = OPERATIONS[state.operation]?.parameters ?? [];
  const values = state[side] === '' ? [] : state[side].split('_').map(Number);
  if (!values.length || values.length !== parameters.length) return null;
  return {
    operation: state.operation,
    values: values.map((value, at) => {
      const { low, high, whole } = parameters[at];
      const within = Math.min(high, Math.max(low, value));
      return whole ? Math.round(within) : within;
    }),
  };
}

/**
 * The computation that is due next, one yield for each image; ends by storing what it found.
 * @param {View} view
 * @returns {Generator<void, void>}
 */
function* computeNext(view) {
  const { state, images, network } = view;
  const [real, copies] = [chosenAugmentation(state, 'real'), chosenAugmentation(state, 'copies')];
  if (real && copies && !view.byHand) view.byHand = yield* runTrial(images, network, real, copies);
  else if (view.revealed && !view.yardsticks) view.yardsticks = yield* measureYardsticks(view);
  else {
    const pair = drawPair(state, view.trials.length);
    view.trials.push(yield* runTrial(images, network, pair.real, pair.copies));
  }
}

/**
 * Whether something is missing that is to be shown.
 * @param {View} view
 */
const isMissing = view =>
  view.trials.length < trialsToShow(view) ||
  (view.revealed && !view.yardsticks) ||
  (!view.byHand && chosenAugmentation(view.state, 'real') !== null);

/**
 * Computes what is missing, for as long as a frame has time.
 * @param {View} view
 * @param {() => number} now milliseconds
 */
function computeMissing(view, now) {
  const until = now() + 8;
  while (now() < until && (view.work || isMissing(view))) {
    view.work ??= computeNext(view);
    if (view.work.next().done) view.work = null;
  }
  return view.work !== null || isMissing(view);
}

/**
 * Lowest, median and highest of numbers.
 * @param {number[]} values
 */
function spreadOf(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return {
    low: sorted[0],
    median: (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2,
    high: sorted[sorted.length - 1],
  };
}
