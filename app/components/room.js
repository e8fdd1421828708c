// @ts-check
// The height that a window leaves a component below what stands above it, for its style sheet.

/**
 * Keeps the property `--room` of a component: CSS pixels from its top to the bottom of the window, less what is to
 * be in sight below it. Pictures whose height follows from it are in sight without scrolling.
 * @param {AbortSignal} signal that ends it
 * @param {HTMLElement} root
 * @param {() => number} [below] rem
 */
function keepRoom(signal, root, below = () => 0) {
  const page = document.querySelector('[data-testid="stMain"]');
  const column = document.querySelector('[data-testid="stMainBlockContainer"]');
  const measure = () => {
    const top = root.getBoundingClientRect().top + (page?.scrollTop ?? 0);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    root.style.setProperty('--room', `${Math.floor(window.innerHeight - top - below() * rem)}px`);
  };
  observeSize(signal, measure, ...(column ? [root, column] : [root]));
  window.addEventListener('resize', measure, { signal });
}
