// @ts-check
// Clock of the planes: play, pause, single steps and stills. Nothing here waits for the server.

const STEPS_PER_SECOND = 480;
const MOST_STEPS_PER_FRAME = 40;
const OPENING_STEPS = 8; // before a prediction: what happens, not how it ends
const OPENING_STEPS_PER_SECOND = 4;
const STILL_STEPS = 250; // from still to still, where less motion is preferred
const TRAIL = 16; // frames
const TEXT_FRAMES = 6; // between two changes of the numbers

/**
 * Whether the planes rest. Before a prediction a changed cloud gets no further steps: they would show the end.
 * @param {View} view
 */
const isAtRest = view => (view.revealed ? view.settled >= STEPS : view.step >= OPENING_STEPS);

/**
 * @param {View} view
 * @param {number} count
 */
function advance(view, count) {
  for (let n = 0; n < count && view.cloud.length && !isAtRest(view); n++) {
    const rate = rateAt(view.settled);
    for (const { plane } of view.panels) takeStep(plane, view.state, view.cloud, view.step, rate);
    view.step++;
    view.settled++;
  }
}

/** @param {View} view */
function forgetTrails(view) {
  for (const { plane } of view.panels) plane.trail = [];
}

/**
 * Draws in the next animation frame, and takes the steps that are due if the planes play.
 * @param {View} view
 */
const requestFrame = view => {
  view.frame ||= requestAnimationFrame(now => {
    view.frame = 0;
    if (!view.stopped) showFrame(view, now);
  });
};

/**
 * @param {View} view
 * @param {number} now milliseconds
 */
function showFrame(view, now) {
  if (view.playing) {
    const rate = view.revealed ? STEPS_PER_SECOND : OPENING_STEPS_PER_SECOND;
    view.due = Math.min(MOST_STEPS_PER_FRAME, view.due + ((now - (view.last || now)) * rate) / 1000);
    view.last = now;
    for (const { plane } of view.panels) plane.trail = [...plane.trail.slice(1 - TRAIL), plane.stars.slice()];
    advance(view, Math.floor(view.due));
    view.due %= 1;
    if (isAtRest(view)) pause(view);
  }
  view.frames++;
  drawPlanes(view);
  if (!view.playing || view.frames % TEXT_FRAMES === 0) showTexts(view);
  if (view.playing) requestFrame(view);
}

/** @param {View} view */
function pause(view) {
  view.playing = false;
  forgetTrails(view);
  requestFrame(view);
}

/**
 * Begins to play, where motion is welcome and there is something to be pulled to.
 * @param {View} view
 */
function begin(view) {
  view.playing = !reducedMotion() && view.cloud.length > 0 && !isAtRest(view);
  view.last = view.due = 0;
  requestFrame(view);
}

/**
 * Plays or pauses; with less motion it shows the next still frame.
 * @param {View} view
 */
function play(view) {
  if (!view.revealed) return;
  if (view.playing) return pause(view);
  if (reducedMotion()) advance(view, STILL_STEPS);
  begin(view);
}

/** @param {View} view */
function stepOnce(view) {
  if (!view.revealed || !view.cloud.length) return;
  if (view.playing) pause(view);
  advance(view, 1);
  requestFrame(view);
}

/**
 * Begins; before a prediction, and where less motion is preferred, with the still of its last step.
 * @param {View} view
 */
function open(view) {
  if (reducedMotion() && !view.revealed) advance(view, OPENING_STEPS);
  begin(view);
}

/**
 * The cloud has changed: the stars are pulled to the new one. Until the edit ends, fields of the loss stay: they
 * take longer than a frame. Before a prediction the opening waits for its end, too.
 * @param {View} view
 */
function changeCloud(view) {
  for (const { plane } of view.panels) plane.realMeans = [];
  if (view.edited) view.dotsStale = true;
  else forgetDrawn(view);
  const waits = isAtRest(view) || (!view.step && !view.playing);
  view.settled = 0;
  if (waits && (view.revealed || !view.edited)) open(view);
  else requestFrame(view);
}

/**
 * Puts the stars back to their start, and plays.
 * @param {View} view
 */
function restart(view) {
  const { state } = view;
  view.cloud = state.cloud === 'own' ? decodePoints(state.points) : cloudPoints(state.cloud);
  for (const panel of view.panels) panel.plane = createPlane(PLANES[panel.name].count, state);
  view.step = view.settled = 0;
  forgetDrawn(view);
  open(view);
}

/**
 * Shows how it ends: in motion, or at once where less is preferred.
 * @param {View} view
 */
function reveal(view) {
  if (reducedMotion()) advance(view, STEPS);
  begin(view);
}
