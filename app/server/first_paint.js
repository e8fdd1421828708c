// @ts-check
// First paint of the start page: plays the early moments of the recorded run until the page itself is there.

// the start page is whole
const WHOLE = '.st-key-front_more button';
// another page has taken its place, or something went wrong
const ANOTHER = '[data-testid="stAlert"], [role="dialog"]';
const IN_PLACE = 2; // CSS pixels: the page moves while Streamlit draws it
const PATIENCE = 60; // animation frames until it gives way to a page that stands elsewhere
const LONGEST = 15000; // milliseconds
// lines break elsewhere until the page's own type is there, and the pictures below them would jump
const TYPE = "1em 'Source Sans'";
const TYPE_PATIENCE = 500; // milliseconds

/**
 * Plays the early moments, or shows the finished images, the last ones, where less motion is preferred.
 * @param {LearnedView} view
 * @returns {() => Reached}
 */
function playEarly(view) {
  const { iterations } = view.head;
  const finished = iterations.length - 1;
  let until = 0;
  let timer = 0;
  /** @param {number} moment */
  const show = moment => {
    view.moment = moment;
    drawLearned(view);
    const shown = moment === 0 ? AT_ONCE : duration(moment, iterations.length);
    until = performance.now() + shown;
    if (moment < finished - 1) timer = window.setTimeout(() => show(moment + 1), shown);
  };
  show(reducedMotion() ? finished : 0);
  return () => {
    window.clearTimeout(timer);
    return { moment: view.moment, left: Math.max(0, until - performance.now()) };
  };
}

/**
 * @param {HTMLElement} first
 * @param {ShadowRoot} shadow
 */
function showFirst(first, shadow) {
  const path = location.pathname;
  const ten = /** @type {HTMLCanvasElement} */ (find(shadow, '.ten'));
  const frames = /** @type {HTMLImageElement | null} */ (shadow.querySelector('.frames'));
  let reached = () => ({ moment: 0, left: AT_ONCE });

  /** @param {Element | null} node */
  const top = node => node?.getBoundingClientRect().top ?? NaN;
  /** @param {HTMLCanvasElement} [their] */
  const inPlace = their =>
    Math.abs(top(document.querySelector('h1')) - top(find(shadow, 'b'))) < IN_PLACE &&
    (!their || Math.abs(top(their) - top(ten)) < IN_PLACE);
  const end = () => {
    first.remove();
    observer.disconnect();
    delete window.dmHandOver;
  };
  /**
   * Ends once the page stands in place; what it answers is read before the next frame is painted.
   * @param {HTMLCanvasElement} [their]
   * @returns {Promise<Reached>}
   */
  const handOver = their =>
    new Promise(resolve => {
      /** @param {number} patience */
      const look = patience => {
        if (patience && first.isConnected && !inPlace(their)) {
          requestAnimationFrame(() => look(patience - 1));
          return;
        }
        end();
        resolve(reached());
      };
      look(PATIENCE);
    });
  const observer = new MutationObserver(() => {
    const isWhole = !window.dmHandOver && document.querySelector(WHOLE);
    if (!isWhole && !document.querySelector(ANOTHER) && location.pathname === path) return;
    observer.disconnect();
    void handOver();
  });
  observer.observe(document.documentElement, { childList: true, subtree: true });
  setTimeout(end, LONGEST);
  if (frames) window.dmHandOver = handOver;
  const play = async () => {
    const patience = new Promise(resolve => setTimeout(resolve, TYPE_PATIENCE));
    const decoded = frames?.decode().then(
      () => true,
      () => false, // the page says so
    );
    await Promise.race([document.fonts.load(TYPE), patience]);
    find(shadow, '.stage').style.visibility = 'visible';
    if (!frames || !(await decoded) || !first.isConnected) return;
    const view = { ten, head: JSON.parse(frames.dataset.head ?? ''), sheets: { frames }, moment: 0 };
    reached = playEarly(view);
    new ResizeObserver(() => drawLearned(view)).observe(ten);
  };
  void play();
}

const firstPaint = /** @type {HTMLElement} */ (document.getElementById('dm-first'));
if (firstPaint.shadowRoot) showFirst(firstPaint, firstPaint.shadowRoot);
else firstPaint.remove(); // an old browser
