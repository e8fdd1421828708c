// The browser's half of keys.py. The newest call's keys hold; there is one listener per mounted element.
const views = new WeakMap();
const TAKEN =
  'input, textarea, select, button, canvas, summary, a[href], [role="tab"], [role="button"], [contenteditable="true"], [role="radio"], [role="option"], [role="slider"], [role="combobox"]';

function mount(parent) {
  const view = { root: parent.querySelector('span') };
  const place =
    view.root.getRootNode().host?.closest?.('[data-testid="stElementContainer"]') ??
    parent.closest?.('[data-testid="stElementContainer"]');
  if (place) place.style.position = 'absolute'; // nothing to see: take no room in the page
  const pressed = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const on = event.composedPath()[0];
    if (
      !view.keys.includes(key) ||
      on.matches?.(
        key === ' '
          ? TAKEN
          : 'input:not([type="range"]), textarea, select, [contenteditable="true"], [role="combobox"]',
      )
    )
      return;
    event.preventDefault();
    view.send('pressed', { key });
  };
  window.addEventListener('keydown', pressed);
  view.stop = () => {
    window.removeEventListener('keydown', pressed);
    views.delete(parent);
  };
  views.set(parent, view);
  return view;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  Object.assign(view, { keys: data.keys, send: setTriggerValue });
  return () =>
    setTimeout(() => {
      if (!view.root.isConnected) view.stop();
    });
}
