// @ts-check
// Loads plotly.js once in a tab; figures wait for `plotly-ready`.

/** @param {ComponentUpdate<Uint8Array<ArrayBuffer>>} update plotly's source text */
export default function ({ data, parentElement }) {
  const container = parentElement.closest?.('[data-testid="stElementContainer"]');
  if (container instanceof HTMLElement) container.style.position = 'absolute'; // nothing to see: no room taken
  if (window.Plotly || window.plotlyRequested) return;
  window.plotlyRequested = true;
  const script = document.createElement('script');
  script.src = URL.createObjectURL(new Blob([data.slice()], { type: 'text/javascript' }));
  script.onload = () => window.dispatchEvent(new Event('plotly-ready'));
  document.head.append(script);
}
