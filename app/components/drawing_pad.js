// @ts-check
// Drawing pad: strokes of white ink on black, and after each the drawing as base64 of its grey values.

/**
 * What drawing_pad.py sends.
 * @typedef {object} PadData
 * @property {number} side rows and columns of a drawing
 * @property {number} brush width of the brush, as a share of the pad
 * @property {boolean} darkOnLight
 * @property {string} label
 * @property {string | null} drawing the stored one, base64
 */
/**
 * State of a mounted pad.
 * @typedef {object} Pad
 * @property {PadData} data
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} brush the ring that shows where keys draw
 * @property {HTMLElement} status
 * @property {CanvasRenderingContext2D} pen
 * @property {Position} at where keys draw
 * @property {boolean} down whether keys draw
 * @property {number | null} pointer the one that draws
 * @property {number} [timer]
 * @property {SendValue} report
 */
/** @typedef {{x: number, y: number}} Position pixels of the canvas */

/** @type {WeakMap<ComponentRoot, Pad>} */
const pads = new WeakMap();
const SIDE = 280; // pixels of the canvas, a multiple of the drawing's side
const STEP = SIDE / 28; // what an arrow key moves
const REST = 250; // milliseconds without an arrow after which a drawing is sent

/**
 * Grey values of the canvas, averaged down to the drawing's side.
 * @param {Pad} pad
 */
function readInk(pad) {
  const { side } = pad.data;
  const each = SIDE / side;
  const { data } = pad.pen.getImageData(0, 0, SIDE, SIDE);
  const grey = new Uint8Array(side * side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      let sum = 0;
      for (let y = row * each; y < (row + 1) * each; y++)
        for (let x = column * each; x < (column + 1) * each; x++) sum += data[4 * (y * SIDE + x)];
      grey[row * side + column] = Math.round(sum / each ** 2);
    }
  return grey;
}

/** @param {Pad} pad */
function sendDrawing(pad) {
  clearTimeout(pad.timer);
  pad.report('drawing', btoa(String.fromCharCode(...readInk(pad))));
}

/**
 * @param {Pad} pad
 * @param {Position} from
 * @param {Position} to
 */
function drawLine(pad, from, to) {
  const { pen } = pad;
  pen.lineCap = pen.lineJoin = 'round';
  pen.lineWidth = pad.data.brush * SIDE;
  pen.strokeStyle = 'white';
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x + 0.01, to.y); // from a point to itself is a dot: a line without length is not drawn
  pen.stroke();
}

/** @param {Pad} pad */
function clear(pad) {
  pad.pen.fillStyle = 'black';
  pad.pen.fillRect(0, 0, SIDE, SIDE);
}

/**
 * Draws the drawing that the session has stored, on a pad that is new here.
 * @param {Pad} pad
 */
function restore(pad) {
  const { side, drawing } = pad.data;
  const small = document.createElement('canvas');
  if (!drawing) return;
  const pixels = Uint8Array.from(atob(drawing), character => character.charCodeAt(0));
  const size = { width: side, height: side };
  Object.assign(small, size);
  const image = new ImageData(side, side);
  writeImage({ pixels, channels: 1, ...size }, 0, new Uint32Array(image.data.buffer));
  contextOf(small).putImageData(image, 0, 0);
  pad.pen.drawImage(small, 0, 0, SIDE, SIDE);
}

/** @param {Pad} pad */
function showBrush(pad) {
  const { brush, at, down } = pad;
  const width = `${100 * Math.max(pad.data.brush, 0.05)}%`;
  Object.assign(brush.style, {
    left: `${(100 * at.x) / SIDE}%`,
    top: `${(100 * at.y) / SIDE}%`,
    width,
    aspectRatio: '1',
  });
  brush.classList.toggle('down', down);
  brush.hidden = false;
}

/**
 * Takes the brush of the keys off the canvas.
 * @param {Pad} pad
 */
function lift(pad) {
  if (!pad.down) return;
  pad.down = false;
  sendDrawing(pad);
}

/**
 * @param {Pad} pad
 * @param {KeyboardEvent} event
 */
function handleKey(pad, event) {
  const move = ARROWS[event.key];
  /** @param {string} text */
  const announce = text => {
    pad.status.textContent = text;
  };
  if (move) {
    /** @param {number} value */
    const clamp = value => Math.min(SIDE, Math.max(0, value));
    const from = pad.at;
    pad.at = { x: clamp(from.x + move[0] * STEP), y: clamp(from.y + move[1] * STEP) };
    if (pad.down) {
      drawLine(pad, from, pad.at);
      clearTimeout(pad.timer);
      pad.timer = setTimeout(() => sendDrawing(pad), REST);
    }
    announce(
      `Brush at column ${Math.round(pad.at.x / STEP)}, row ${Math.round(pad.at.y / STEP)} of ${SIDE / STEP}`,
    );
  } else if (event.key === ' ' && !event.repeat) {
    if (pad.down) lift(pad);
    else {
      pad.down = true;
      drawLine(pad, pad.at, pad.at);
    }
    announce(pad.down ? 'Brush down' : 'Brush lifted');
  } else if (event.key !== ' ') return;
  event.preventDefault();
  showBrush(pad);
}

/**
 * @param {ComponentRoot} parent
 * @param {PadData} data
 */
function mount(parent, data) {
  const canvas = /** @type {HTMLCanvasElement} */ (find(parent, 'canvas'));
  Object.assign(canvas, { width: SIDE, height: SIDE });
  const pad = /** @type {Pad} */ ({
    data,
    root: find(parent, '.pad'),
    canvas,
    brush: find(parent, '.brush'),
    status: find(parent, '[role=status]'),
    pen: /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true })),
    at: { x: SIDE / 2, y: SIDE / 2 },
    down: false,
    pointer: null,
  });
  /** @param {MouseEvent} event */
  const positionOf = event => {
    const area = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - area.left) * SIDE) / area.width,
      y: ((event.clientY - area.top) * SIDE) / area.height,
    };
  };
  canvas.addEventListener('pointerdown', event => {
    if (event.button !== 0 || pad.pointer !== null) return; // a second finger draws nothing
    pad.pointer = event.pointerId;
    pad.down = false;
    clearTimeout(pad.timer);
    canvas.setPointerCapture(event.pointerId);
    pad.brush.hidden = true;
    pad.at = positionOf(event);
    drawLine(pad, pad.at, pad.at);
  });
  canvas.addEventListener('pointermove', event => {
    if (event.pointerId !== pad.pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const move of passed.length ? passed : [event]) {
      const to = positionOf(move);
      drawLine(pad, pad.at, to);
      pad.at = to;
    }
  });
  for (const name of /** @type {const} */ (['pointerup', 'pointercancel']))
    canvas.addEventListener(name, event => {
      if (event.pointerId !== pad.pointer) return;
      pad.pointer = null;
      sendDrawing(pad);
    });
  canvas.addEventListener('keydown', event => handleKey(pad, event));
  canvas.addEventListener('focus', () => {
    if (canvas.matches(':focus-visible')) showBrush(pad);
  });
  canvas.addEventListener('blur', () => {
    pad.brush.hidden = true;
    lift(pad);
  });
  find(parent, 'button').addEventListener('click', () => {
    pad.down = false;
    clear(pad);
    sendDrawing(pad);
    pad.status.textContent = 'Cleared';
  });
  clear(pad);
  restore(pad);
  pads.set(parent, pad);
  return pad;
}

/**
 * Runs on every update with the same parentElement, so state lives in `pads`.
 * @param {ComponentUpdate<PadData>} update
 */
export default function ({ data, parentElement, setStateValue }) {
  const pad = pads.get(parentElement) ?? mount(parentElement, data);
  pad.data = data;
  pad.report = setStateValue;
  pad.root.classList.toggle('dark-on-light', data.darkOnLight);
  pad.canvas.setAttribute('aria-label', data.label);
  return stopOnceRemoved(pad.root, () => {
    clearTimeout(pad.timer);
    pads.delete(parentElement);
  });
}
