// @ts-check
// Closes the menu, which lies over the page on a phone, once a page is chosen in it.

const LINK = '[data-testid="stSidebarNavLink"]';
const CLOSE = '[data-testid="stSidebarCollapseButton"] button';

/** @param {MouseEvent} event */
function closeMenu({ target }) {
  if (!(target instanceof Element) || !target.closest(LINK)) return;
  const button = document.querySelector(CLOSE);
  if (button instanceof HTMLElement) setTimeout(() => button.click()); // after the link has been followed
}

/** @param {ComponentUpdate<unknown>} update */
export default function ({ parentElement }) {
  const container = parentElement.closest?.('[data-testid="stElementContainer"]');
  if (container instanceof HTMLElement) container.style.position = 'absolute'; // nothing to see: no room taken
  if (window.dmClosesMenu) return;
  window.dmClosesMenu = true;
  document.addEventListener('click', closeMenu);
}
