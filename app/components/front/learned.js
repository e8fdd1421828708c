// @ts-check
// The learned images of one moment. The first paint of the page (app/server) draws and paces them with this, too.

const ROWS_OF_TEN = 2;
const EDGE = 2; // CSS pixels of the accent edge of a learned image
const GAP = 0.125; // between learned images, in widths of one; component.css has the same
const CORNER = 4;

const AT_ONCE = 150; // milliseconds: what has just been opened moves soon
const FIRST_SHOWN = 400;
const LAST_SHOWN = 3200;
const SHOWN = 420;

/**
 * Milliseconds that a moment is shown before the next.
 * @param {number} moment
 * @param {number} moments
 */
const duration = (moment, moments) => {
  if (moment === 0) return FIRST_SHOWN;
  return moment === moments - 1 ? LAST_SHOWN : SHOWN;
};

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
 * @param {LearnedView} view
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
