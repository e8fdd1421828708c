// @ts-check
// Loads plotly.js ahead of the first figure, once the browser has nothing else to do.

const FIRST = 3000; // milliseconds: a moment without work, sooner, is a page that is still being drawn
const LATEST = 5000; // after that

/** @param {ComponentUpdate<{address: string}>} update of plotly.js */
export default function ({ data, parentElement }) {
  const container = parentElement.closest?.('[data-testid="stElementContainer"]');
  if (container instanceof HTMLElement) container.style.position = 'absolute'; // nothing to see: no room taken
  if (window.dmPlotly) return;
  const load = () => void loadPlotly(data.address).catch(() => {}); // a figure asks again, and says so
  setTimeout(() => {
    if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: LATEST });
    else load();
  }, FIRST);
}
