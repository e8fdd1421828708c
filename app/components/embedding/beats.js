// @ts-check
// Beats of the embedding: the first image goes slowly from phase to phase, the others follow and become points.

const PHASES = ['image', 'block1', 'block2', 'block3', 'features', 'point'];
const SLOW_BEAT = 600; // milliseconds of a phase
const QUICK_BEAT = 130; // of an image

/**
 * The last beat, at which what the reader has chosen rests.
 * @param {number} perClass
 * @param {boolean} revealed
 */
const lastBeat = (perClass, revealed) => PHASES.length - 1 + (revealed ? 2 * perClass : perClass);

/**
 * Order in which the images of the own class appear: the chosen one first.
 * @param {number} image
 * @param {number} perClass
 */
const appearance = (image, perClass) => [
  image,
  ...Array.from({ length: perClass }, (_, at) => at).filter(at => at !== image),
];

/**
 * What is seen at a beat.
 * @param {number} beat
 * @param {EmbeddingState} state
 * @param {number} perClass
 * @param {boolean} revealed
 * @returns {Scene}
 */
function sceneAt(beat, { label, other, image }, perClass, revealed) {
  const last = PHASES.length - 1;
  const shown = beat - last; // images before this one
  const rests = beat >= lastBeat(perClass, revealed);
  if (rests) return { label, image, phase: last, own: perClass, others: revealed ? perClass : 0, rests };
  if (shown < 0) return { label, image, phase: beat, own: 0, others: 0, rests };
  if (shown < perClass) {
    return {
      label,
      image: appearance(image, perClass)[shown],
      phase: last,
      own: shown + 1,
      others: 0,
      rests,
    };
  }
  const others = shown - perClass;
  return { label: other, image: others, phase: last, own: perClass, others: others + 1, rests };
}

/** @param {View} view */
const endOf = view => lastBeat(view.sheet.perClass, view.revealed);

/**
 * Draws in the next animation frame.
 * @param {View} view
 */
const requestFrame = view => {
  view.frame ||= requestAnimationFrame(now => {
    view.frame = 0;
    if (!view.stopped) showFrame(view, now);
  });
};

/**
 * Takes the beats that are due, computes what is missing, and draws.
 * @param {View} view
 * @param {number} now milliseconds
 */
function showFrame(view, now) {
  if (view.playing) {
    view.last ||= now;
    const beatTime = view.beat < PHASES.length - 1 ? SLOW_BEAT : QUICK_BEAT;
    if (now - view.last >= beatTime) {
      view.beat = Math.min(endOf(view), view.beat + 1);
      view.last = now;
    }
    if (view.beat >= endOf(view)) view.playing = false;
  }
  const more = embedMissing(view, () => performance.now());
  drawAll(view);
  if (view.playing || more) requestFrame(view);
}

/**
 * Plays from a beat on, where motion is welcome; else shows how it ends.
 * @param {View} view
 * @param {number} beat
 */
function playFrom(view, beat) {
  view.beat = reducedMotion() ? endOf(view) : beat;
  view.playing = view.beat < endOf(view);
  view.last = 0;
  requestFrame(view);
}

/**
 * Plays or pauses, again from the beginning at the end; with less motion each call is a still.
 * @param {View} view
 */
function togglePlay(view) {
  if (view.playing) view.playing = false;
  else if (reducedMotion()) return stepOnce(view);
  else {
    if (view.beat >= endOf(view)) view.beat = 0;
    view.playing = true;
    view.last = 0;
  }
  requestFrame(view);
}

/**
 * One beat on; from the end back to the beginning.
 * @param {View} view
 */
function stepOnce(view) {
  view.playing = false;
  view.beat = view.beat >= endOf(view) ? 0 : view.beat + 1;
  requestFrame(view);
}

/**
 * Shows at once what the reader has chosen.
 * @param {View} view
 */
function rest(view) {
  view.playing = false;
  view.beat = endOf(view);
  requestFrame(view);
}
