// @ts-check
// Live status line: polls the server, one request at a time and none while the tab is hidden, and notifies
// the page's grids and figures of changes.

/**
 * State of the line, as live_line.py's `LiveLine` writes it.
 * @typedef {object} Line
 * @property {{text: string, strong: boolean, mark: string}[]} parts `mark` is a theme's colour name for a dot
 * @property {string} revision changes with anything that the line or its followers show
 * @property {string} page_revision changes when the page's script has to run again
 * @property {number} poll_seconds until the next poll
 * @property {number | null} fraction of the work that is done
 * @property {boolean} wraps whether a long sentence goes on in the next line
 */
/** @typedef {{line: Line, source: string, subject: string}} LineData */
/**
 * State of a mounted line. Fields without brackets are there once it has its first data.
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {HTMLElement} text
 * @property {HTMLElement} bar
 * @property {HTMLElement} part template of a part
 * @property {Line} line on screen
 * @property {Line} given by the script
 * @property {string} source address of the newest line
 * @property {string} subject
 * @property {boolean} [scrubbed] whether the time machine shows a stored iteration
 * @property {number} [goneAt] when the script was last told that the address answers that there is nothing
 * @property {number | null} [timer]
 * @property {boolean} [polling]
 * @property {number} [failures] polls without an answer, one after the other
 * @property {boolean} [stopped]
 * @property {SendValue} send
 * @property {() => void} stop
 */

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();
const ON_SCREEN = 'on screen'; // that part is hidden while the time machine moves: its own line says where
const GONE = 'gone'; // the page of a run that was removed: the script says so
const RERUN_PAUSE = 1500; // milliseconds between two runs of the script
const RETRY = 2000; // milliseconds
const LONGEST_RETRY = 16000; // milliseconds
const GONE_PAUSE = 5000; // milliseconds: a script that began before the run was removed still shows it
const LONGEST_WAIT = 1000; // milliseconds for followers
const DEFAULT_POLL = 2; // seconds, where an app that was upgraded names its fields otherwise

/**
 * @param {View} view
 * @param {Line} line
 */
function show(view, line) {
  view.line = line;
  while (view.text.children.length > line.parts.length) view.text.lastElementChild?.remove();
  line.parts.forEach(({ text, strong, mark }, index) => {
    const part = /** @type {HTMLElement} */ (
      view.text.children[index] ?? view.text.appendChild(view.part.cloneNode(true))
    );
    const [dot, content] = /** @type {HTMLCollectionOf<HTMLElement>} */ (part.children);
    if (dot.hidden !== !mark) dot.hidden = !mark;
    if (dot.dataset.mark !== mark) {
      dot.dataset.mark = mark;
      dot.style.color = `var(--st-${mark}-text-color)`;
    }
    if (content.textContent !== text) content.textContent = text; // text, never HTML
    if (content.className !== (strong ? 'strong' : '')) content.className = strong ? 'strong' : '';
    part.hidden = Boolean(view.scrubbed) && text.startsWith(ON_SCREEN);
  });
  view.text.className = line.wraps ? 'wraps' : '';
  const whole = line.parts.map(({ text }) => text).join(', ');
  if (view.text.title !== whole) view.text.title = whole;
  const { fraction } = line;
  const percent = Math.round(100 * (fraction ?? 0));
  view.bar.hidden = fraction === null;
  /** @type {HTMLElement} */ (view.bar.firstElementChild).style.transform = `scaleX(${fraction ?? 0})`;
  if (view.bar.getAttribute('aria-valuenow') !== String(percent))
    for (const [name, value] of Object.entries({
      valuenow: percent,
      valuemin: 0,
      valuemax: 100,
      label: `${percent} %`,
    }))
      view.bar.setAttribute(`aria-${name}`, String(value));
}

/**
 * Asks the server for a newer line.
 * @param {View} view
 */
async function poll(view) {
  view.timer = null;
  if (view.stopped || document.hidden || !view.source) return; // polls again when visible or given an address
  const { source } = view;
  window.dmViewer ??= Math.random().toString(36).slice(2); // so that the server can count its tabs
  const query = `moment=${encodeURIComponent(view.line.revision)}&viewer=${window.dmViewer}`;
  /** @type {Response | null} */
  let answer = null;
  view.polling = true;
  try {
    answer = await fetch(withQuery(source, query), { cache: 'no-store' });
    if (answer.status === 200 && answer.headers.get('content-type')?.includes('json')) {
      /** @type {Line} */
      const line = await answer.json();
      if (source === view.source && !view.stopped) {
        const changed = line.revision !== view.line.revision && view.subject;
        if (changed && !(await notifyFollowers(view.subject))) line.revision = ''; // notified again
        if (source === view.source && !view.stopped) show(view, line);
      }
    }
    const sinceGone = performance.now() - (view.goneAt ?? -Infinity);
    if (answer.status === 404 && source === view.source && sinceGone > GONE_PAUSE) {
      view.goneAt = performance.now();
      view.line = { ...view.line, page_revision: GONE }; // a copy: it may be the one that the script gave
    }
    if (!view.stopped) requestRerun(view);
  } catch {
    /* the server is away: Streamlit says so, and we poll again */
  }
  view.polling = false;
  if (!view.stopped && !view.timer) view.timer = setTimeout(poll, timeToWait(view, answer), view);
}

/**
 * Seconds between two polls: as the line says, or the default.
 * @param {Line} line
 */
const pollSeconds = ({ poll_seconds }) => (Number.isFinite(poll_seconds) ? poll_seconds : DEFAULT_POLL);

/**
 * Milliseconds until the next poll: as the line says, later where the server has many viewers. A server that is
 * away or overloaded is asked ever more seldom, by its viewers at different moments.
 * @param {View} view
 * @param {Response | null} answer
 */
function timeToWait(view, answer) {
  if (answer?.ok) {
    view.failures = 0;
    return 1000 * Math.max(pollSeconds(view.line), Number(answer.headers.get('poll-after')) || 0);
  }
  if (answer?.status === 404) return RETRY;
  const wait = RETRY * 2 ** (view.failures ?? 0);
  view.failures = (view.failures ?? 0) + 1;
  return Math.min(LONGEST_RETRY, wait) * (0.75 + 0.5 * Math.random());
}

/**
 * Lets followers fetch their newest state first, so that text and images change in one frame.
 * @param {string} subject
 * @returns {Promise<boolean>} whether all of them show it
 */
async function notifyFollowers(subject) {
  /** @type {NewsDetail} */
  const detail = { subject, waits: [] };
  window.dispatchEvent(new CustomEvent('dm-news', { detail }));
  /** @type {Promise<boolean[]>} */
  const timeout = new Promise(resolve => setTimeout(resolve, LONGEST_WAIT, []));
  return (await Promise.race([Promise.all(detail.waits), timeout])).every(Boolean);
}

/**
 * Makes the page's script run once, whichever line on the page sees the change first.
 * @param {View} view
 */
function requestRerun(view) {
  if (
    view.line.page_revision === view.given.page_revision ||
    performance.now() < (window.dmTurned ?? -Infinity) + RERUN_PAUSE
  )
    return;
  window.dmTurned = performance.now();
  view.send('turned', view.line.page_revision);
}

/**
 * Whether what the script draws takes the place of the line on screen, which may be newer: it does where it is
 * of something else (change tokens of two subjects may be equal, and both without an address), or has changed.
 * @param {View} view
 * @param {LineData} data
 */
function replaces(view, { line, source, subject }) {
  if (view.source !== source || view.subject !== subject) return true;
  return view.given.revision !== line.revision || view.given.page_revision !== line.page_revision;
}

/** @param {ComponentRoot} parent */
function mount(parent) {
  const part = document.createElement('span');
  part.innerHTML = '<span>● </span><span></span>';
  const view = /** @type {View} */ ({
    part,
    root: find(parent, '.line'),
    text: find(parent, 'p'),
    bar: find(parent, '.bar'),
  });
  const onVisible = () => {
    if (document.hidden) return;
    // followers are notified of what came while the tab was hidden
    view.line = { ...view.line, revision: '' };
    if (!view.timer && !view.polling) poll(view);
  };
  const signal = keepMounted(views, parent, view);
  signal.addEventListener('abort', () => clearTimeout(view.timer ?? undefined));
  document.addEventListener('visibilitychange', onVisible, { signal });
  window.addEventListener(
    'dm-scrub',
    ({ detail }) => {
      if (!view.subject || detail.subject !== view.subject) return;
      view.scrubbed = !detail.over;
      show(view, view.line);
    },
    { signal },
  );
  return view;
}

/**
 * Runs on every update with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<LineData>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  view.send = setTriggerValue;
  if (view.source !== data.source) Object.assign(view, { scrubbed: false, goneAt: undefined });
  if (replaces(view, data)) show(view, data.line);
  if (view.line.page_revision === GONE) view.line = { ...view.line, page_revision: data.line.page_revision };
  Object.assign(view, { given: data.line, source: data.source, subject: data.subject });
  if (view.source && !view.timer && !view.polling)
    view.timer = setTimeout(poll, 1000 * pollSeconds(view.line), view);
  return stopOnceRemoved(view.root, view.stop);
}
