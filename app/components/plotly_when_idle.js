// @ts-check
// Loads plotly.js ahead of the first figure, once the browser has nothing else to do.

const QUIET = 3000; // milliseconds since the page was drawn, or a person did something: a started run goes first
const LATEST = 5000; // after that

/** @param {ComponentUpdate<{address: string}>} update of plotly.js */
export default function ({ data, parentElement }) {
  const container = parentElement.closest?.('[data-testid="stElementContainer"]');
  if (container instanceof HTMLElement) container.style.position = 'absolute'; // nothing to see: no room taken
  const load = () => {
    if (!window.dmPlotly) void loadPlotly(data.address).catch(() => {}); // a figure asks again, and says so
  };
  const wait = () => {
    clearTimeout(window.dmPlotlyWait);
    if (window.dmPlotly) return;
    window.dmPlotlyWait = setTimeout(() => {
      if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: LATEST });
      else load();
    }, QUIET);
  };
  if (window.dmPlotlyWait === undefined)
    for (const act of ['pointerdown', 'keydown']) window.addEventListener(act, wait, { capture: true });
  wait();
}
