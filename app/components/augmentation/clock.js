// @ts-check
// Clock of the augmentation: trials come one by one, where motion is welcome.

const TRIAL_TIME = 500; // milliseconds, of the first few
const LATER_TRIAL_TIME = 150;
const SWEEP_TIME = 2400; // of an operation's parameters, there and back

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
 * Computes what is missing, shows the trial that is due, and draws.
 * @param {View} view
 * @param {number} now milliseconds
 */
function showFrame(view, now) {
  const more = computeMissing(view, () => performance.now());
  if (view.playing) {
    view.now = now;
    view.last ||= now;
    const trialTime = view.shown < OPENING_TRIALS ? TRIAL_TIME : LATER_TRIAL_TIME;
    if (view.shown < view.trials.length && (view.shown === 0 || now - view.last >= trialTime)) {
      view.shown++;
      view.last = now;
    }
    if (view.shown >= trialsToShow(view)) view.playing = false;
  } else if (reducedMotion() && !view.stepping) view.shown = view.trials.length;
  drawAll(view);
  if (view.playing || more) requestFrame(view);
}

/**
 * Plays the trials that were not shown yet; where less motion is preferred all are shown once they are computed.
 * @param {View} view
 */
function play(view) {
  view.playing = !reducedMotion() && view.shown < trialsToShow(view);
  view.last = 0;
  requestFrame(view);
}

/**
 * Begins again with what is chosen: the network, the images and the draws.
 * @param {View} view
 */
function restart(view) {
  const { state, sheet } = view;
  view.network = drawNetwork(state.seed);
  view.images = imagesOf(sheet, state.label, 0);
  view.trials = [];
  view.work = view.byHand = view.yardsticks = null;
  view.shown = 0;
  view.stepping = false;
  play(view);
}

/**
 * Plays or pauses, again from the first draw at the end; with less motion the next still.
 * @param {View} view
 */
function togglePlay(view) {
  if (view.playing) view.playing = false;
  else if (reducedMotion()) return stepOnce(view);
  else {
    if (view.shown >= trialsToShow(view)) view.shown = 0;
    view.stepping = false;
    play(view);
  }
  requestFrame(view);
}

/**
 * One draw on; from the last back to the first.
 * @param {View} view
 */
function stepOnce(view) {
  view.playing = false;
  view.stepping = true;
  view.shown = view.shown >= view.trials.length ? 1 : view.shown + 1;
  requestFrame(view);
}
