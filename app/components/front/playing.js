// @ts-check
// Clock of the recording: play, pause and single steps. Nothing here waits for the server.

const TICKS = 6; // numbers below the slider
const ICONS = {
  play: 'M3 1.5v11l9-5.5z',
  pause: 'M3 1.5h3v11H3zM8.5 1.5h3v11h-3z',
  next: 'M2 1.5v11l7-5.5zM10 1.5h2v11h-2z',
};

/**
 * Seconds as they are read: tenths below ten.
 * @param {number} seconds
 */
const secondsText = seconds => `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)}\u00a0s`;

/**
 * Indices of the moments whose iterations stand below the slider: the first, the last, and evenly between.
 * @param {number} moments
 */
const tickMoments = moments => {
  const count = Math.min(TICKS, moments);
  const last = Math.max(1, count - 1);
  return Array.from({ length: count }, (_, index) => Math.round((index * (moments - 1)) / last));
};

/** @param {FrontView} view */
function showMoment(view) {
  const { head, moment, slider, root, ten } = view;
  drawLearned(view);
  if (head.marks.some(mark => mark.moments.length)) drawAccuracies(view);
  const iteration = grouped(head.iterations[moment]);
  const last = grouped(head.iterations[head.iterations.length - 1]);
  const seconds = secondsText(head.seconds[moment]);
  slider.value = String(moment);
  slider.style.setProperty('--at', `${(100 * moment) / Math.max(1, head.iterations.length - 1)}%`);
  slider.setAttribute('aria-valuetext', `iteration ${iteration} of ${last}, ${seconds}`);
  find(root, '.now b').textContent = iteration;
  find(root, '.of').textContent = `of ${last} · ${seconds}`;
  ten.setAttribute(
    'aria-label',
    `${head.class_names.length} learned images, one of each class (${head.class_names.join(', ')}), at iteration ${iteration} of ${last}`,
  );
}

/** @param {FrontView} view */
function showButton({ button, playing }) {
  const [name, icon] = reducedMotion()
    ? ['Next moment', 'next']
    : playing
      ? ['Pause', 'pause']
      : ['Play', 'play'];
  if (button.getAttribute('aria-label') === name) return;
  button.setAttribute('aria-label', name);
  button.title = name;
  const drawn = svgElement('svg', { viewBox: '0 0 14 14', 'aria-hidden': 'true' });
  svgElement('path', { d: ICONS[/** @type {keyof typeof ICONS} */ (icon)] }, drawn);
  button.replaceChildren(drawn);
}

/**
 * Shows a moment; beyond the last one it begins again.
 * @param {FrontView} view
 * @param {number} moment
 */
function goTo(view, moment) {
  view.moment = moment % view.head.iterations.length;
  showMoment(view);
}

/**
 * @param {FrontView} view
 * @param {number} [after] milliseconds
 */
function waitForNext(view, after = duration(view.moment, view.head.iterations.length)) {
  window.clearTimeout(view.timer);
  showButton(view);
  if (!view.playing) return;
  view.timer = window.setTimeout(() => {
    goTo(view, view.moment + 1);
    waitForNext(view);
  }, after);
}

/**
 * Plays or pauses; where less motion is preferred it shows the next moment.
 * @param {FrontView} view
 */
function pressPlay(view) {
  if (reducedMotion()) goTo(view, view.moment + 1);
  else view.playing = !view.playing;
  waitForNext(view);
}

/**
 * Begins: with noise that is about to form, or where the first paint of the page had got to; with the finished
 * images where less motion is preferred.
 * @param {FrontView} view
 * @param {Reached} [reached]
 */
function begin(view, { moment, left } = { moment: 0, left: AT_ONCE }) {
  view.playing = !reducedMotion();
  goTo(view, reducedMotion() ? view.head.iterations.length - 1 : moment);
  waitForNext(view, left);
}
