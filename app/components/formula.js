// @ts-check
// Links the terms of the page's formula to what the components draw.

/** Terms are linked once in a page, however often Streamlit calls.
 * @param {ComponentUpdate<{}>} update */
export default function ({ parentElement }) {
  const container = parentElement.closest?.('[data-testid="stElementContainer"]');
  if (container instanceof HTMLElement) container.style.position = 'absolute'; // nothing to see: no room taken
  const removal = new AbortController();
  linkTerms(removal.signal, document);
  return () => removal.abort();
}
