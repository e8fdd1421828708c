// @ts-check
// Drawing into the image, pixel by pixel, with a pointer or with keys.

const INK = 255;
const LEVELS = 15; // of a drawing: half a byte a pixel

/**
 * A drawing as text: two pixels a byte, base64 for addresses.
 * @param {ArrayLike<number>} grey
 */
function encodeDrawing(grey) {
  const levels = Array.from(grey, value => Math.round((value * LEVELS) / INK));
  const bytes = Array.from(
    { length: levels.length / 2 },
    (_, at) => (levels[2 * at] << 4) | levels[2 * at + 1],
  );
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/**
 * Grey values of a drawing.
 * @param {string} text
 */
function decodeDrawing(text) {
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8ClampedArray.from({ length: IMAGE_SIZE }, (_, at) => {
    const byte = bytes.charCodeAt(at >> 1);
    return ((at % 2 ? byte & 15 : byte >> 4) * INK) / LEVELS;
  });
}

/**
 * Grey values that a reader edits: of the drawing, or of the image.
 * @param {View} view
 */
const editedGrey = ({ state, sheet }) =>
  Uint8ClampedArray.from(
    state.drawing ? decodeDrawing(state.drawing) : greyImage(sheet, state.label, state.image),
  );

/**
 * Paints a pixel and, with a pen, its right and lower neighbours: at this size one pixel is too thin for a hand.
 * @param {View} view
 * @param {Point} at column and row
 * @param {number} ink
 * @param {number} width of the pen
 */
function paintPixel(view, [column, row], ink, width) {
  const grey = editedGrey(view);
  for (let y = row; y < Math.min(IMAGE_SIDE, row + width); y++)
    for (let x = column; x < Math.min(IMAGE_SIDE, column + width); x++) grey[y * IMAGE_SIDE + x] = ink;
  view.state.drawing = encodeDrawing(grey);
  rest(view);
}

/**
 * What a pixel turns into: white, or black where it is rather white.
 * @param {View} view
 * @param {Point} at
 */
const turned = (view, [column, row]) => (editedGrey(view)[row * IMAGE_SIDE + column] > INK / 2 ? 0 : INK);

/**
 * Pixels of a stroke from one to another, without the first unless it is the only one: a pointer may skip some.
 * @param {Point} from
 * @param {Point} to
 */
function pixelsBetween(from, to) {
  const count = Math.max(1, ...to.map((end, axis) => Math.abs(end - from[axis])));
  return Array.from(
    { length: count },
    (_, at) =>
      /** @type {Point} */ (
        from.map((start, axis) => Math.round(start + ((to[axis] - start) * (at + 1)) / count))
      ),
  );
}

/**
 * @param {View} view
 * @param {HTMLElement} frame of the image
 */
function listenForEdits(view, frame) {
  const canvas = view.canvases.image;
  /** @type {(event: PointerEvent) => Point} */
  const pixelAt = ({ clientX, clientY }) => {
    const area = canvas.getBoundingClientRect();
    /** @type {(share: number) => number} */
    const inside = share => Math.min(IMAGE_SIDE - 1, Math.max(0, Math.floor(share * IMAGE_SIDE)));
    return [inside((clientX - area.left) / area.width), inside((clientY - area.top) / area.height)];
  };
  canvas.addEventListener('pointerdown', event => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    view.cursor = pixelAt(event);
    view.ink = turned(view, view.cursor);
    paintPixel(view, view.cursor, view.ink, 2);
  });
  canvas.addEventListener('pointermove', event => {
    if (view.ink === null) return;
    const [from, to] = [view.cursor, pixelAt(event)];
    for (const pixel of pixelsBetween(from, to)) paintPixel(view, pixel, view.ink, 2);
    view.cursor = to;
  });
  for (const type of ['pointerup', 'pointercancel'])
    canvas.addEventListener(type, () => {
      if (view.ink === null) return;
      view.ink = null;
      changeState(view, {});
    });
  canvas.addEventListener('keydown', event => {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (!arrow && event.key !== 'Enter')) return;
    event.preventDefault();
    if (arrow) {
      view.cursor = /** @type {Point} */ (
        view.cursor.map((at, axis) => Math.min(IMAGE_SIDE - 1, Math.max(0, at + arrow[axis])))
      );
      frame.style.setProperty('--column', String(view.cursor[0]));
      frame.style.setProperty('--row', String(view.cursor[1]));
      return;
    }
    paintPixel(view, view.cursor, turned(view, view.cursor), 1);
    changeState(view, {});
  });
}
