// @ts-check
// Images that Python sends, as numbers for a network, and numbers as grey or coloured pixels of a canvas.

const IMAGE_SIDE = 28;
const IMAGE_SIZE = IMAGE_SIDE * IMAGE_SIDE;

/**
 * @param {SheetHead} head
 * @param {Uint8Array} pixels
 * @returns {ImageSheet}
 */
const sheetOf = ({ images, class_names, mean, deviation }, pixels) => ({
  pixels,
  classNames: class_names,
  perClass: images[1],
  mean,
  deviation,
});

/**
 * Grey values 0 to 255 of an image of a class.
 * @param {ImageSheet} sheet
 * @param {number} label
 * @param {number} index
 */
const greyImage = ({ pixels, perClass }, label, index) => {
  const start = (label * perClass + index) * IMAGE_SIZE;
  return pixels.subarray(start, start + IMAGE_SIZE);
};

/**
 * Grey values as the network takes them.
 * @param {ArrayLike<number>} grey
 * @param {ImageSheet} sheet
 */
const normalised = (grey, { mean, deviation }) =>
  Float32Array.from(grey, value => (value / 255 - mean) / deviation);

/**
 * Grey values of a normalised image.
 * @param {Float32Array} image
 * @param {ImageSheet} sheet
 */
const asGrey = (image, { mean, deviation }) =>
  Uint8ClampedArray.from(image, value => 255 * (value * deviation + mean));

/**
 * Paints pictures of one size beside each other, on canvas pixels: a style sheet enlarges them.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>[]} pictures grey values 0 to 255, each `side` high and wide
 * @param {number} columns
 * @param {number} [gap] clear pixels between two
 */
function paintPictures(canvas, pictures, columns, gap = 0) {
  const side = Math.sqrt(pictures[0].length);
  const step = side + gap;
  canvas.width = columns * step - gap;
  canvas.height = Math.ceil(pictures.length / columns) * step - gap;
  const context = contextOf(canvas);
  for (const [index, grey] of pictures.entries()) {
    const image = context.createImageData(side, side);
    for (let at = 0; at < grey.length; at++) image.data.set([grey[at], grey[at], grey[at], 255], 4 * at);
    context.putImageData(image, (index % columns) * step, Math.floor(index / columns) * step);
  }
}

/**
 * Maps of a block as pictures, all on one scale: black is 0, white the block's largest value.
 * @param {FeatureMaps} maps
 */
function mapPictures({ values, channels, side }) {
  const size = side * side;
  const largest = values.reduce((most, value) => Math.max(most, value), 1e-9);
  return Array.from({ length: channels }, (_, channel) =>
    Uint8ClampedArray.from(
      values.subarray(channel * size, (channel + 1) * size),
      value => (255 * value) / largest,
    ),
  );
}

/**
 * Paints numbers as a strip of bars, from the backdrop for 0 to a colour for `largest`.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {number} largest
 * @param {string} colour
 */
function paintStrip(canvas, values, largest, colour) {
  canvas.width = values.length;
  canvas.height = 1;
  const context = contextOf(canvas);
  context.fillStyle = colour;
  for (let at = 0; at < values.length; at++) {
    context.globalAlpha = Math.min(1, values[at] / largest);
    context.fillRect(at, 0, 1, 1);
  }
}
