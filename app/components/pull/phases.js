// @ts-check
// The seven phases: which comes next, how long each is shown, and what a reader's choice changes.

const PHASES = [
  ...['Draw a network', 'Draw real images', 'Augment both alike', 'Features', 'Distance', 'Gradient', 'Step'],
];
const LOOK_TIME = 1500; // milliseconds of a phase in slow motion, and for each word
const WORD_TIME = 150;
const MOTION_TIME = 700; // of these something moves
const ASKED = 5; // phases that are shown before a prediction
const DISTANCE = 5;

/** @param {boolean} revealed */
const lastPhase = revealed => (revealed ? PHASES.length : ASKED);

/**
 * The position some phases on: after the last phase comes the next iteration, after the last of these the first.
 * Before a prediction there is one iteration, and it has fewer phases.
 * @param {Position} position
 * @param {number} by 1 or -1
 * @param {number} scenes
 * @param {boolean} revealed
 * @returns {Position}
 */
function moved({ scene, phase }, by, scenes, revealed) {
  const last = lastPhase(revealed);
  const count = revealed ? scenes : 1;
  if (phase + by > last) return { scene: (scene + 1) % count, phase: 1 };
  if (phase + by < 1) return { scene: (scene - 1 + count) % count, phase: last };
  return { scene, phase: phase + by };
}

/**
 * A position that exists.
 * @param {Position} position
 * @param {number} scenes
 * @param {boolean} revealed
 * @returns {Position}
 */
const within = ({ scene, phase }, scenes, revealed) => ({
  scene: revealed ? Math.min(Math.max(scene, 0), scenes - 1) : 0,
  phase: Math.min(Math.max(phase, 1), lastPhase(revealed)),
});

/**
 * Goes to a position and shows it; playing, the next one follows.
 * @param {View} view
 * @param {Position} position
 */
function goTo(view, position) {
  const changed = position.scene !== view.at.scene;
  view.at = within(position, view.scenes.length, view.revealed);
  if (changed) showScene(view);
  showPhase(view);
  setTimer(view);
}

/**
 * Milliseconds that a phase is shown while it plays: its sentence can be read.
 * @param {string} sentence
 */
const phaseTime = sentence => LOOK_TIME + WORD_TIME * sentence.split(' ').length;

/**
 * @param {View} view
 */
const sentenceOf = ({ head, at }) => head.sentences[at.scene][at.phase - 1];

/** @param {View} view */
function setTimer(view) {
  clearTimeout(view.timer);
  if (!view.playing) return;
  view.timer = window.setTimeout(
    () => goTo(view, moved(view.at, 1, view.scenes.length, view.revealed)),
    phaseTime(sentenceOf(view)),
  );
}

/**
 * A reader's choice: it stands still there.
 * @param {View} view
 * @param {Position} position
 */
function stopAt(view, position) {
  view.playing = false;
  goTo(view, position);
  reportState(view);
}

/**
 * One phase on or back, standing still.
 * @param {View} view
 * @param {number} by
 */
const step = (view, by) => stopAt(view, moved(view.at, by, view.scenes.length, view.revealed));

/**
 * Plays, or pauses where it is.
 * @param {View} view
 */
function togglePlay(view) {
  if (reducedMotion()) return;
  view.playing = !view.playing;
  if (view.playing) goTo(view, moved(view.at, 1, view.scenes.length, view.revealed));
  else goTo(view, view.at);
  reportState(view);
}

/**
 * The state that the address names: while it plays no phase, which changes all the time.
 * @param {View} view
 * @returns {PullState}
 */
const stateOf = view => ({
  iteration: view.at.scene,
  phase: view.playing ? 0 : view.at.phase,
  label: view.head.label,
  image: view.image,
  formula: view.formula,
});

/**
 * Tells the script what is shown.
 * @param {View} view
 * @param {Partial<PullState>} [changes]
 */
function reportState(view, changes = {}) {
  const state = { ...stateOf(view), ...changes };
  noteReport(view.reports, state);
  view.report('state', state);
}
