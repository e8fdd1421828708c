// @ts-check
// Scrolls to the top where the tab showed another page before.

/** @param {ComponentUpdate<{page: number}>} update */
export default function ({ data, parentElement }) {
  const container = parentElement.closest?.('[data-testid="stElementContainer"]');
  if (container instanceof HTMLElement) container.style.position = 'absolute'; // nothing to see: no room taken
  if (window.dmPage !== undefined && window.dmPage !== data.page)
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  window.dmPage = data.page;
}
