// @ts-check
// The matching step on the page: its phases, and what Streamlit calls.

const LOOK_TIME = 1500; // milliseconds of a phase while it plays, and for each word
const WORD_TIME = 150;
const PLAY = 'M4 2v12l10-6z';
const PAUSE = 'M4 2h3v12H4zM9 2h3v12H9z';

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();

/**
 * Lights a phase and says it; playing, the next one follows, after the last the first.
 * @param {View} view
 * @param {number} phase
 */
function goTo(view, phase) {
  const { root, head, playing } = view;
  const { phases, sentences } = head;
  view.phase = ((phase - 1 + phases.length) % phases.length) + 1;
  const name = phases[view.phase - 1];
  const sentence = sentences[view.phase - 1];
  for (const node of root.querySelectorAll('[data-phases]'))
    node.classList.toggle(
      'on',
      (node.getAttribute('data-phases') ?? '').split(' ').includes(String(view.phase)),
    );
  root.querySelectorAll('.rail button').forEach((button, index) => {
    button.className = index + 1 === view.phase ? 'now' : index + 1 < view.phase ? 'done' : '';
    button.setAttribute('aria-current', index + 1 === view.phase ? 'step' : 'false');
  });
  find(root, '.say h2').textContent = `${view.phase} ${name}`;
  find(root, '.say p').textContent = sentence;
  const heard = playing ? '' : `${view.phase} ${name}. ${sentence}`;
  const status = find(root, '[role=status]');
  if (status.textContent !== heard) status.textContent = heard;
  const play = find(root, '[name=play]');
  play.setAttribute('aria-label', playing ? 'Pause' : 'Play');
  find(play, 'path').setAttribute('d', playing ? PAUSE : PLAY);
  play.hidden = reducedMotion();
  root.dataset.phase = String(view.phase);
  clearTimeout(view.timer);
  if (playing)
    view.timer = window.setTimeout(
      () => goTo(view, view.phase + 1),
      LOOK_TIME + WORD_TIME * sentence.split(' ').length,
    );
}

/**
 * A reader's choice: it stands still there.
 * @param {View} view
 * @param {number} phase
 */
function stopAt(view, phase) {
  view.playing = false;
  goTo(view, phase);
}

/** @param {View} view */
function togglePlay(view) {
  if (reducedMotion()) return;
  view.playing = !view.playing;
  goTo(view, view.phase + Number(view.playing));
}

/**
 * Arrows go a phase on and back, Space plays and pauses, numbers go to a phase.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
function pressKey(view, event) {
  if (!event.composedPath().includes(view.root)) return;
  takeKey(event, {
    ...Object.fromEntries(
      view.head.phases.map((_, index) => [String(index + 1), () => stopAt(view, index + 1)]),
    ),
    ArrowRight: () => stopAt(view, view.phase + 1),
    ArrowLeft: () => stopAt(view, view.phase - 1),
    ' ': () => togglePlay(view),
  });
}

/**
 * Of a presenter, Page Down and Page Up go from phase to phase; beyond the first and the last they are the page's.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
function pressRemoteKey(view, event) {
  if (!view.head.remote) return;
  takeKey(event, {
    ...(view.phase < view.head.phases.length && { PageDown: () => stopAt(view, view.phase + 1) }),
    ...(view.phase > 1 && { PageUp: () => stopAt(view, view.phase - 1) }),
  });
}

/** @param {View} view */
function showRail(view) {
  const rail = find(view.root, '.rail');
  rail.replaceChildren();
  for (const [index, name] of view.head.phases.entries()) {
    const button = element('button', '', '', element('li', '', '', rail));
    button.type = 'button';
    button.append(element('b', '', String(index + 1)), ' ', element('span', '', name));
    button.addEventListener('click', () => stopAt(view, index + 1));
  }
}

/** @param {ComponentRoot} parent */
function mount(parent) {
  const root = find(parent, '.matching');
  const view = /** @type {View} */ (/** @type {unknown} */ ({ root, phase: 1, playing: false, timer: 0 }));
  find(root, '[name=play]').addEventListener('click', () => togglePlay(view));
  find(root, '[name=back]').addEventListener('click', () => stopAt(view, view.phase - 1));
  find(root, '[name=next]').addEventListener('click', () => stopAt(view, view.phase + 1));
  const signal = keepMounted(views, parent, view);
  keepRoom(signal, root, () => view.head?.below ?? 0);
  window.addEventListener('keydown', event => pressKey(view, event), { signal });
  // before the page's own shortcuts, which may turn to another page
  window.addEventListener('keydown', event => pressRemoteKey(view, event), { signal, capture: true });
  signal.addEventListener('abort', () => clearTimeout(view.timer));
  return view;
}

/**
 * Runs on every update with the same parentElement, and when the theme changes, so state lives in `views`.
 * @param {ComponentUpdate<Uint8Array>} update
 */
export default function ({ data, parentElement }) {
  const fresh = !views.has(parentElement);
  const view = views.get(parentElement) ?? mount(parentElement);
  Object.assign(view, readScene(data));
  readSignedColours(view);
  if (fresh) showRail(view);
  showScene(view);
  goTo(view, view.phase);
  return stopOnceRemoved(view.root, view.stop);
}
