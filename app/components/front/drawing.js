// @ts-check
// The two pictures: the sheet of real images, and the learned images of one moment.

const ROWS_OF_TEN = 2;
const EDGE = 2; // CSS pixels of the accent edge of a learned image
const GAP = 0.125; // between learned images, in widths of one; component.css has the same
const CORNER = 4;

/**
 * Decodes the two sheets of a recording.
 * @param {RecordingHead} head
 * @param {Uint8Array} bytes
 * @returns {Promise<Sheets>}
 */
async function decodeSheets(head, bytes) {
  /** @param {Uint8Array} file */
  const decode = file => createImageBitmap(new Blob([file.slice()], { type: 'image/webp' }));
  const [real, frames] = await Promise.all([
    decode(bytes.subarray(0, head.real)),
    decode(bytes.subarray(head.real, head.real + head.frames)),
  ]);
  return { real, frames };
}

/**
 * Draws as many whole rows of the sheet as the canvas is high.
 * @param {FrontView} view
 */
function drawReal({ real, sheets, head }) {
  const { context: pen, width, height } = fitCanvas(real);
  if (!sheets || !width) return;
  const side = sheets.real.width / head.real_columns;
  const rows = Math.min(Math.round(height / (width / head.real_columns)), sheets.real.height / side);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(sheets.real, 0, 0, sheets.real.width, rows * side, 0, 0, width, height);
  const shown = grouped(Math.round(rows * head.real_columns));
  find(/** @type {HTMLElement} */ (real.parentElement), '.shown').textContent = `${shown} shown`;
}

/**
 * Places of the learned images on a canvas so wide, in CSS pixels: columns, size and distance.
 * @param {number} count
 * @param {number} width
 */
function placesOf(count, width) {
  const columns = Math.ceil(count / ROWS_OF_TEN);
  const size = width / (columns + GAP * (columns - 1));
  return { columns, size, distance: size * (1 + GAP) };
}

/**
 * Draws the learned images of the moment, each pixel a square, with an accent edge.
 * @param {FrontView} view
 */
function drawLearned({ ten, sheets, head, moment }) {
  const { context: pen, width, height, ratio } = fitCanvas(ten);
  if (!sheets || !width) return;
  const count = head.class_names.length;
  const side = sheets.frames.width / count;
  const { columns, size, distance } = placesOf(count, width);
  pen.clearRect(0, 0, width, height);
  pen.imageSmoothingEnabled = false;
  pen.lineWidth = EDGE;
  pen.strokeStyle = property(getComputedStyle(ten), 'color');
  for (let index = 0; index < count; index++) {
    const [x, y, length] = [(index % columns) * distance, Math.floor(index / columns) * distance, size].map(
      pixels => Math.round(pixels * ratio) / ratio, // on the screen's pixels
    );
    pen.save();
    pen.beginPath();
    pen.roundRect(x, y, length, length, CORNER);
    pen.clip();
    pen.drawImage(sheets.frames, index * side, moment * side, side, side, x, y, length, length);
    pen.restore();
    const inner = pen.lineWidth / 2;
    pen.beginPath();
    pen.roundRect(x + inner, y + inner, length - 2 * inner, length - 2 * inner, CORNER - inner);
    pen.stroke();
  }
  ten.dataset.iteration = String(head.iterations[moment]);
}

/**
 * Name of the class of the learned image at a point of the canvas; empty between two.
 * @param {FrontView} view
 * @param {number} x CSS pixels
 * @param {number} y
 */
function classAt({ ten, head }, x, y) {
  const { columns, size, distance } = placesOf(head.class_names.length, ten.clientWidth);
  const [column, row] = [Math.floor(x / distance), Math.floor(y / distance)];
  const inside = x - column * distance < size && y - row * distance < size && column < columns;
  return (inside && head.class_names[row * columns + column]) || '';
}
