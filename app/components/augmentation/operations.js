// @ts-check
// The six operations of differentiable Siamese augmentation on a normalised grey image, and the draw of their
// parameters. tests/js/random_network.test.js holds them to dmcore/augment.py.

const LARGEST_SCALE = 1.2;
const LARGEST_ROTATION = 15; // degrees
const largestShift = Math.floor(IMAGE_SIDE / 8 + 0.5);
const cutoutSide = Math.floor(IMAGE_SIDE / 2 + 0.5);

/**
 * Bilinear sample of an image at each position that an affine matrix names, with zeros outside: positions run
 * from -1 to 1 over the image's edges.
 * @param {Float32Array} image
 * @param {[number, number, number, number]} matrix
 */
function resample(image, [a, b, c, d]) {
  const result = new Float32Array(IMAGE_SIZE);
  /** @type {(column: number, row: number) => number} */
  const pixel = (column, row) =>
    column < 0 || row < 0 || column >= IMAGE_SIDE || row >= IMAGE_SIDE ? 0 : image[row * IMAGE_SIDE + column];
  for (let at = 0; at < IMAGE_SIZE; at++) {
    const x = (2 * (at % IMAGE_SIDE) + 1) / IMAGE_SIDE - 1;
    const y = (2 * Math.floor(at / IMAGE_SIDE) + 1) / IMAGE_SIDE - 1;
    const column = ((a * x + b * y + 1) * IMAGE_SIDE - 1) / 2;
    const row = ((c * x + d * y + 1) * IMAGE_SIDE - 1) / 2;
    const [left, above] = [Math.floor(column), Math.floor(row)];
    const [right, below] = [column - left, row - above];
    result[at] =
      (1 - below) * ((1 - right) * pixel(left, above) + right * pixel(left + 1, above)) +
      below * ((1 - right) * pixel(left, above + 1) + right * pixel(left + 1, above + 1));
  }
  return result;
}

/**
 * Each pixel by its row and column.
 * @param {(row: number, column: number) => number} value
 */
const imageOf = value =>
  Float32Array.from({ length: IMAGE_SIZE }, (_, at) => value(Math.floor(at / IMAGE_SIDE), at % IMAGE_SIDE));

/** A parameter: uniform in a range, in whole numbers where `whole`. @type {Record<string, Operation>} */
const OPERATIONS = {
  color: {
    title: 'colour',
    extent: 'brightness and contrast',
    parameters: [
      { name: 'brightness', low: -0.5, high: 0.5, still: 0 },
      { name: 'saturation', low: 0, high: 2, still: 1, unseen: true },
      { name: 'contrast', low: 0.5, high: 1.5, still: 1 },
    ],
    apply(image, [brightness, , contrast]) {
      // a grey image has no saturation
      const mean = image.reduce((sum, value) => sum + value, 0) / IMAGE_SIZE + brightness;
      return image.map(value => (value + brightness - mean) * contrast + mean);
    },
  },
  crop: {
    title: 'crop',
    extent: 'moved by up to 4 pixels',
    parameters: [
      { name: 'up', low: -largestShift, high: largestShift, whole: true, still: 0 },
      { name: 'left', low: -largestShift, high: largestShift, whole: true, still: 0 },
    ],
    apply: (image, [rows, columns]) =>
      imageOf((row, column) => {
        const [y, x] = [row + rows, column + columns];
        return y < 0 || x < 0 || y >= IMAGE_SIDE || x >= IMAGE_SIDE ? 0 : image[y * IMAGE_SIDE + x];
      }),
  },
  cutout: {
    title: 'cutout',
    extent: 'a square of 14 pixels blanked',
    parameters: [
      { name: 'row', low: 0, high: IMAGE_SIDE - (cutoutSide % 2), whole: true, still: IMAGE_SIDE / 2 },
      { name: 'column', low: 0, high: IMAGE_SIDE - (cutoutSide % 2), whole: true, still: IMAGE_SIDE / 2 },
    ],
    apply(image, [row, column]) {
      const [top, left] = [row - Math.floor(cutoutSide / 2), column - Math.floor(cutoutSide / 2)];
      /** @type {(at: number, first: number) => boolean} */
      const within = (at, first) => at >= first && at < first + cutoutSide;
      return imageOf((y, x) => (within(y, top) && within(x, left) ? 0 : image[y * IMAGE_SIDE + x]));
    },
  },
  flip: {
    title: 'flip',
    extent: 'mirrored, or not',
    parameters: [{ name: 'flipped', low: 0, high: 1, whole: true, still: 1 }],
    apply: (image, [flipped]) =>
      flipped ? imageOf((row, column) => image[(row + 1) * IMAGE_SIDE - 1 - column]) : image,
  },
  scale: {
    title: 'scale',
    extent: 'wider or narrower by up to 20 %',
    parameters: [
      { name: 'narrower', low: 1 / LARGEST_SCALE, high: LARGEST_SCALE, still: 1 },
      { name: 'shorter', low: 1 / LARGEST_SCALE, high: LARGEST_SCALE, still: 1 },
    ],
    apply: (image, [width, height]) => resample(image, [width, 0, 0, height]),
  },
  rotate: {
    title: 'rotate',
    extent: 'turned by up to 15°',
    parameters: [{ name: 'degrees', low: -LARGEST_ROTATION, high: LARGEST_ROTATION, still: 0 }],
    apply(image, [degrees]) {
      const angle = (degrees * Math.PI) / 180;
      return resample(image, [Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle)]);
    },
  },
};

/**
 * Draws an augmentation ω: one of the operations, and its parameters.
 * @param {() => number} random
 * @param {string[]} names of the operations to draw from
 * @returns {Augmentation}
 */
function drawAugmentation(random, names) {
  const operation = names[Math.floor(names.length * random())];
  const values = OPERATIONS[operation].parameters.map(({ low, high, whole }) =>
    whole ? low + Math.floor((high - low + 1) * random()) : low + (high - low) * random(),
  );
  return { operation, values };
}

/**
 * @param {Float32Array} image
 * @param {Augmentation} augmentation
 */
const augment = (image, { operation, values }) => OPERATIONS[operation].apply(image, values);
