// @ts-check
// A panel: its canvas, and what that answers to: mouse, wheel, fingers, keys.

/** @type {Record<string, number>} */
const ZOOM_KEYS = { '+': 1.6, '=': 1.6, '-': 0.625, '−': 0.625 };

/**
 * Adds a panel to the page.
 * @param {View} view
 * @returns {Panel}
 */
function addPanel(view) {
  const node = element('div', 'panel', '', view.box);
  const title = element('div', 'title', '', node);
  const canvas = element('canvas', '', '', node);
  /** @type {Panel} */
  const panel = {
    node,
    title,
    canvas,
    name: '',
    kind: '',
    moving: false,
    pictures: null,
    background: document.createElement('canvas'),
    stars: [],
    drawn: [],
    starts: new Map(),
    past: [],
  };
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'img');
  /**
   * Position in the panel, CSS pixels.
   * @param {{clientX: number, clientY: number}} event
   * @returns {Point}
   */
  const at = event => {
    const area = canvas.getBoundingClientRect();
    return [event.clientX - area.left - canvas.clientLeft, event.clientY - area.top - canvas.clientTop];
  };
  canvas.addEventListener('pointerdown', event => {
    view.dragged = false;
    if (event.pointerType !== 'touch' && event.button === 0)
      view.drag = { x: event.clientX, y: event.clientY, moved: false };
  });
  canvas.addEventListener('pointermove', event => {
    if (event.pointerType === 'touch') return;
    if (!event.buttons) view.drag = null; // let go of outside
    const [x, y] = at(event);
    const { drag } = view;
    if (drag && (drag.moved || Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > 4)) {
      if (!drag.moved) canvas.setPointerCapture(event.pointerId);
      drag.moved = view.dragged = true;
      canvas.style.cursor = 'grabbing';
      point(view, panel, null);
      setViewport(
        view,
        view.zoom,
        view.x - (event.clientX - drag.x) / view.unit,
        view.y + (event.clientY - drag.y) / view.unit,
      );
      Object.assign(drag, { x: event.clientX, y: event.clientY });
      return;
    }
    const target = hitTest(view, panel, x, y);
    view.mouse = { panel, x, y };
    canvas.style.cursor = target?.star && view.head.pickable ? 'pointer' : 'grab';
    point(view, panel, target);
  });
  const release = () => {
    view.drag = null;
    canvas.style.cursor = 'grab';
    requestDraw(view);
  };
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  const leave = () => {
    view.mouse = null;
    point(view, panel, null);
  };
  canvas.addEventListener('pointerleave', event => {
    if (event.pointerType !== 'touch') leave();
  });
  canvas.addEventListener('blur', leave);
  canvas.addEventListener('click', event => {
    if (view.dragged || event.detail > 1) return;
    const target = hitTest(view, panel, ...at(event));
    point(view, panel, target);
    pick(view, panel, target?.star);
  });
  canvas.addEventListener('dblclick', event => zoomAt(view, 2, ...at(event)));
  canvas.addEventListener(
    'wheel',
    event => {
      // a plain wheel scrolls the page
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomAt(view, Math.exp(-clamp(-60, event.deltaY, 60) / 100), ...at(event));
    },
    { passive: false },
  );
  /**
   * Two fingers zoom and pan; one scrolls the page.
   * @param {TouchEvent} event
   */
  const pinch = event => {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    const [[ax, ay], [bx, by]] = [...event.touches].map(at);
    const now = { x: (ax + bx) / 2, y: (ay + by) / 2, apart: Math.max(20, Math.hypot(ax - bx, ay - by)) };
    const before = event.type === 'touchstart' ? now : (view.pinch ?? now);
    setViewport(
      view,
      view.zoom,
      view.x - (now.x - before.x) / view.unit,
      view.y + (now.y - before.y) / view.unit,
    );
    zoomAt(view, now.apart / before.apart, now.x, now.y);
    view.pinch = now;
  };
  for (const name of /** @type {const} */ (['touchstart', 'touchmove']))
    canvas.addEventListener(name, pinch, { passive: false });
  canvas.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = ZOOM_KEYS[event.key];
    if (event.key.startsWith('Arrow')) moveByKey(view, panel, event.key);
    else if (event.key === 'Enter' || event.key === ' ')
      pick(view, panel, (current(view, panel) ?? nearestStar(view, panel))?.id);
    else if (by) zoomAt(view, by);
    else if (event.key === '0') resetZoom(view);
    else if (event.key === 'Escape' && view.pointed) point(view, panel, null);
    else return;
    event.preventDefault();
  });
  return panel;
}
