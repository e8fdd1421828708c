// @ts-check
// The view of a component at its place in the page: kept from update to update, ended once it is removed.
// scripts.py puts this before every component's scripts.

/**
 * Keeps a view for the updates to come, until its `stop` is called.
 * @template {MountedView} View
 * @param {WeakMap<ComponentRoot, View>} views of the component
 * @param {ComponentRoot} parent where it is mounted
 * @param {View} view
 * @returns {AbortSignal} that ends what listens for it
 */
function keepMounted(views, parent, view) {
  const removal = new AbortController();
  view.stop = () => {
    view.stopped = true;
    removal.abort();
    views.delete(parent);
  };
  views.set(parent, view);
  return removal.signal;
}

/**
 * Calls `onResize` once the nodes are there, and whenever one has another size.
 * @param {AbortSignal} signal that ends it
 * @param {() => void} onResize
 * @param {...Element} nodes
 */
function observeSize(signal, onResize, ...nodes) {
  const observer = new ResizeObserver(onResize);
  for (const node of nodes) observer.observe(node);
  signal.addEventListener('abort', () => observer.disconnect());
}

/**
 * What a component returns to Streamlit, which also calls it when a newer update overtakes an earlier one: a node
 * that is still in the page goes on.
 * @param {Element} node
 * @param {() => void} stop
 */
const stopOnceRemoved = (node, stop) => () =>
  setTimeout(() => {
    if (!node.isConnected) stop();
  });
