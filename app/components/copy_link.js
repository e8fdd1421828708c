// @ts-check
// Button that copies the page's address.

/** @param {ComponentUpdate<{label: string}>} update */
export default function ({ data, parentElement }) {
  const button = find(parentElement, 'button');
  const status = find(parentElement, 'span');
  button.textContent = data.label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      status.textContent = 'Copied';
    } catch {
      status.textContent = location.href; // no permission: shown, to be copied by hand
    }
    setTimeout(() => {
      status.textContent = '';
    }, 6000);
  };
}
