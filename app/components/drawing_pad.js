// The browser's half of drawing_pad.py: strokes of white ink on black, and after each the drawing as base64 of its
// grey values. The function at the end runs on every update with the same parentElement, so state lives in `pads`.
const pads = new WeakMap();
const SIDE = 280; // pixels of the canvas, a multiple of the drawing's side
const STEP = SIDE / 28; // what an arrow key moves
const REST = 250; // milliseconds without an arrow after which a line is read

/** The canvas, averaged down to the drawing's side. */
function ink(pad) {
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

function send(pad) {
  clearTimeout(pad.timer);
  pad.report('drawing', btoa(String.fromCharCode(...ink(pad))));
}

function line(pad, from, to) {
  const { pen } = pad;
  pen.lineCap = pen.lineJoin = 'round';
  pen.lineWidth = pad.data.brush * SIDE;
  pen.strokeStyle = 'white';
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x + 0.01, to.y); // from a point to itself is a dot: a line without length is not drawn
  pen.stroke();
}

function clear(pad) {
  pad.pen.fillStyle = 'black';
  pad.pen.fillRect(0, 0, SIDE, SIDE);
}

/** The drawing that the session has kept, on a pad that is new here. */
function restore(pad) {
  const { side, drawing } = pad.data;
  const small = document.createElement('canvas');
  if (!drawing) return;
  const grey = Uint8Array.from(atob(drawing), one => one.charCodeAt(0));
  Object.assign(small, { width: side, height: side });
  const image = new ImageData(side, side);
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < words.length; i++) words[i] = 0xff000000 | (grey[i] * 0x010101);
  small.getContext('2d').putImageData(image, 0, 0);
  pad.pen.drawImage(small, 0, 0, SIDE, SIDE);
}

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

function lift(pad) {
  if (!pad.down) return;
  pad.down = false;
  send(pad);
}

function press(pad, event) {
  const moves = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
  const say = text => {
    pad.status.textContent = text;
  };
  if (moves) {
    const inside = value => Math.min(SIDE, Math.max(0, value));
    const from = pad.at;
    pad.at = { x: inside(from.x + moves[0] * STEP), y: inside(from.y + moves[1] * STEP) };
    if (pad.down) {
      line(pad, from, pad.at);
      clearTimeout(pad.timer);
      pad.timer = setTimeout(() => send(pad), REST);
    }
    say(
      `Brush at column ${Math.round(pad.at.x / STEP)}, row ${Math.round(pad.at.y / STEP)} of ${SIDE / STEP}`,
    );
  } else if (event.key === ' ' && !event.repeat) {
    if (pad.down) lift(pad);
    else {
      pad.down = true;
      line(pad, pad.at, pad.at);
    }
    say(pad.down ? 'Brush down' : 'Brush lifted');
  } else if (event.key !== ' ') return;
  event.preventDefault();
  showBrush(pad);
}

function mount(parent, data) {
  const find = query => parent.querySelector(query);
  const canvas = find('canvas');
  Object.assign(canvas, { width: SIDE, height: SIDE });
  const pad = {
    data,
    root: find('.pad'),
    canvas,
    brush: find('.brush'),
    status: find('[role=status]'),
    pen: canvas.getContext('2d', { willReadFrequently: true }),
    at: { x: SIDE / 2, y: SIDE / 2 },
    down: false,
    pointer: null,
  };
  const place = event => {
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
    pad.at = place(event);
    line(pad, pad.at, pad.at);
  });
  canvas.addEventListener('pointermove', event => {
    if (event.pointerId !== pad.pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const one of passed.length ? passed : [event]) {
      const to = place(one);
      line(pad, pad.at, to);
      pad.at = to;
    }
  });
  for (const name of ['pointerup', 'pointercancel'])
    canvas.addEventListener(name, event => {
      if (event.pointerId !== pad.pointer) return;
      pad.pointer = null;
      send(pad);
    });
  canvas.addEventListener('keydown', event => press(pad, event));
  canvas.addEventListener('focus', () => {
    if (canvas.matches(':focus-visible')) showBrush(pad);
  });
  canvas.addEventListener('blur', () => {
    pad.brush.hidden = true;
    lift(pad);
  });
  find('button').addEventListener('click', () => {
    pad.down = false;
    clear(pad);
    send(pad);
    pad.status.textContent = 'Cleared';
  });
  clear(pad);
  restore(pad);
  pads.set(parent, pad);
  return pad;
}

export default function ({ data, parentElement, setStateValue }) {
  const pad = pads.get(parentElement) ?? mount(parentElement, data);
  pad.data = data;
  pad.report = setStateValue;
  pad.root.classList.toggle('dark-on-light', data.darkOnLight);
  pad.canvas.setAttribute('aria-label', data.label);
  return () =>
    setTimeout(() => {
      // also run when a newer update overtakes this one
      if (pad.root.isConnected) return;
      clearTimeout(pad.timer);
      pads.delete(parentElement);
    });
}
