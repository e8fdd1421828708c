// @ts-check
// Editing of the cloud by pointer or keys: points near the pointer are moved with it, or new ones are drawn. An
// edited cloud is the reader's own; the address holds its points, a byte for x and one for y.

const MOST_POINTS = 600;
const POINT_SCALE = 2.5 / 127; // of a point's byte, in the plane's units
const BRUSH = 0.5; // within which points are moved, in the plane's units
const SPREAD = 0.08; // of drawn points
const POINTS_PER_MOVE = 3;
const KEY_STEP = 0.1; // of the keys' cursor, in the plane's units

/** @param {number} value */
const toByte = value => Math.max(-127, Math.min(127, Math.round(value / POINT_SCALE)));

/**
 * Points as URL-safe base64 of signed bytes.
 * @param {number[]} points x and y in turn
 */
const encodePoints = points =>
  btoa(String.fromCharCode(...points.map(value => toByte(value) & 255)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/**
 * Points that `encodePoints` wrote, as far as they are points.
 * @param {string} text
 */
function decodePoints(text) {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return [];
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const values = Array.from(bytes, character => ((character.charCodeAt(0) << 24) >> 24) * POINT_SCALE);
  return values.slice(0, Math.min(2 * MOST_POINTS, 2 * Math.floor(values.length / 2)));
}

/**
 * Moves the points near a place; the nearer, the more.
 * @param {number[]} cloud
 * @param {Point} from
 * @param {Point} to
 * @returns {number[]}
 */
function movePoints(cloud, from, to) {
  const moved = [...cloud];
  for (let at = 0; at < cloud.length; at += 2) {
    const far = Math.hypot(cloud[at] - from[0], cloud[at + 1] - from[1]) / BRUSH;
    if (far >= 1) continue;
    const weight = (1 - far ** 2) ** 2;
    moved[at] += weight * (to[0] - from[0]);
    moved[at + 1] += weight * (to[1] - from[1]);
  }
  return moved;
}

/**
 * Adds points around a place; the oldest go when there are too many.
 * @param {number[]} cloud
 * @param {Point} to
 */
function addPoints(cloud, to) {
  const random = randomNumbers(cloud.length, toByte(to[0]), toByte(to[1]));
  const added = Array.from({ length: POINTS_PER_MOVE }, () =>
    to.map(value => value + SPREAD * normal(random)),
  );
  return [...cloud, ...added.flat()].slice(-2 * MOST_POINTS);
}

/**
 * Changes the cloud under way: the stars are pulled from where they are.
 * @param {View} view
 * @param {Point} from
 * @param {Point} to
 */
function edit(view, from, to) {
  view.cloud = view.drawing ? addPoints(view.cloud, to) : movePoints(view.cloud, from, to);
  view.edited = true;
  changeCloud(view);
}

/**
 * The edited cloud is the state's; on release it is as exact as the address holds it.
 * @param {View} view
 */
function release(view) {
  if (!view.edited) return; // a mere click
  view.edited = false;
  const points = encodePoints(view.cloud);
  view.cloud = decodePoints(points);
  changeState(view, { cloud: 'own', points });
  changeCloud(view);
}

/**
 * Position of a pointer in the plane.
 * @param {View} view
 * @param {HTMLCanvasElement} canvas
 * @param {MouseEvent} event
 * @returns {Point}
 */
function placeOf(view, canvas, event) {
  const area = canvas.getBoundingClientRect();
  const unit = unitOf(view);
  return [
    (event.clientX - area.left - area.width / 2) / unit,
    (area.top + area.height / 2 - event.clientY) / unit,
  ];
}

/**
 * @param {View} view
 * @param {KeyboardEvent} event
 */
function editByKey(view, event) {
  const move = ARROWS[event.key];
  if (move) {
    const from = view.cursor;
    /** @param {number} value */
    const limit = value => Math.max(-REACH, Math.min(REACH, value));
    view.cursor = [limit(from[0] + KEY_STEP * move[0]), limit(from[1] - KEY_STEP * move[1])];
    if (view.holding) edit(view, from, view.cursor);
  } else if (event.key === 'Enter') {
    view.holding = !view.holding;
    if (view.holding && view.drawing) edit(view, view.cursor, view.cursor);
    if (!view.holding) release(view);
  } else return;
  event.preventDefault();
  event.stopPropagation();
  requestFrame(view);
}

/**
 * The ring that shows what the keys would edit.
 * @param {View} view
 * @param {Panel} panel
 * @param {CanvasRenderingContext2D} pen
 */
function drawCursor(view, { canvas }, pen) {
  if (!canvas.matches(':focus-visible')) return;
  const [x, y] = view.cursor;
  const radius = view.drawing ? 6 : BRUSH * unitOf(view);
  pen.strokeStyle = view.colours.text;
  pen.lineWidth = view.holding ? 3 : 1.5;
  pen.beginPath();
  pen.arc(across(view, x), down(view, y), radius, 0, 2 * Math.PI);
  pen.stroke();
}

/**
 * @param {View} view
 * @param {HTMLCanvasElement} canvas
 */
function listenForEdits(view, canvas) {
  canvas.addEventListener('pointerdown', event => {
    // a finger scrolls the page, unless it is to draw
    if (event.button !== 0 || view.pointer || (event.pointerType === 'touch' && view.state.cloud !== 'own'))
      return;
    view.pointer = { id: event.pointerId, at: placeOf(view, canvas, event) };
    canvas.setPointerCapture(event.pointerId);
    if (view.drawing) edit(view, view.pointer.at, view.pointer.at);
  });
  canvas.addEventListener('pointermove', event => {
    if (view.pointer?.id !== event.pointerId) return;
    const to = placeOf(view, canvas, event);
    edit(view, view.pointer.at, to);
    view.pointer.at = to;
  });
  for (const name of /** @type {const} */ (['pointerup', 'pointercancel']))
    canvas.addEventListener(name, event => {
      if (view.pointer?.id !== event.pointerId) return;
      view.pointer = null;
      release(view);
    });
  canvas.addEventListener('keydown', event => editByKey(view, event));
  canvas.addEventListener('focus', () => requestFrame(view));
  canvas.addEventListener('blur', () => {
    if (view.holding) {
      view.holding = false;
      release(view);
    }
    requestFrame(view);
  });
}
