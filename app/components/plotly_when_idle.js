// @ts-check
// Loads plotly.js ahead of the first figure, once the browser has nothing else to do.

const LATEST = 5000; // milliseconds

/** @param {ComponentUpdate<{address: string}>} update of plotly.js */
export default function ({ data, parentElement }) {
  const container = parentElement.closest?.('[data-testid="stElementContainer"]');
  if (container instanceof HTMLElement) container.style.position = 'absolute'; // nothing to see: no room taken
  if (window.dmPlotly) return;
  const load = () => void loadPlotly(data.address).catch(() => {}); // a figure asks again, and says so
  if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: LATEST });
  else setTimeout(load, LATEST);
}
