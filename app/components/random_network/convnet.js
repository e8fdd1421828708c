// @ts-check
// A ConvNet of the paper with random weights, computed in the browser: three blocks of 3×3 convolution, instance
// norm, ReLU and 2×2 average pooling. tests/js/random_network.test.js holds it to dmcore's.

const NETWORK_WIDTH = 16; // filters of a block
const BLOCKS = 3;
const FIRST_PADDING = 3; // 28×28 grows to 32×32, as published
const NORM_EPSILON = 1e-5;
const WEIGHT_SEED = 4;

/**
 * A network with weights and biases uniform in ±1/√inputs, PyTorch's default, as a function of its seed.
 * @param {number} seed
 * @param {number} [width]
 * @returns {RandomNetwork}
 */
function drawNetwork(seed, width = NETWORK_WIDTH) {
  const random = randomNumbers(WEIGHT_SEED, seed);
  return Array.from({ length: BLOCKS }, (_, block) => {
    const inputs = block ? width : 1;
    const bound = 1 / Math.sqrt(9 * inputs);
    const draw = () => bound * (2 * random() - 1);
    return {
      weight: Float32Array.from({ length: width * inputs * 9 }, draw),
      bias: Float32Array.from({ length: width }, draw),
    };
  });
}

/**
 * 3×3 convolution of maps [channel, side, side] with zeros around them.
 * @param {FeatureMaps} maps
 * @param {NetworkBlock} block
 * @param {number} padding
 * @returns {FeatureMaps}
 */
function convolve({ values, channels, side }, { weight, bias }, padding) {
  const stride = side + 2 * padding;
  const padded = new Float32Array(channels * stride * stride);
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0; row < side; row++) {
      const from = (channel * side + row) * side;
      const to = (channel * stride + row + padding) * stride + padding;
      padded.set(values.subarray(from, from + side), to);
    }
  const filters = bias.length;
  const size = stride - 2;
  const result = new Float32Array(filters * size * size);
  for (let filter = 0; filter < filters; filter++) {
    const plane = result.subarray(filter * size * size, (filter + 1) * size * size).fill(bias[filter]);
    for (let channel = 0; channel < channels; channel++) {
      const [a, b, c, d, e, f, g, h, i] = weight.subarray((filter * channels + channel) * 9);
      for (let row = 0, at = 0; row < size; row++) {
        let above = (channel * stride + row) * stride;
        let here = above + stride;
        let below = here + stride;
        for (let column = 0; column < size; column++, at++, above++, here++, below++)
          plane[at] +=
            a * padded[above] +
            b * padded[above + 1] +
            c * padded[above + 2] +
            d * padded[here] +
            e * padded[here + 1] +
            f * padded[here + 2] +
            g * padded[below] +
            h * padded[below + 1] +
            i * padded[below + 2];
      }
    }
  }
  return { values: result, channels: filters, side: size };
}

/**
 * Instance norm (each map to mean 0 and deviation 1) and ReLU, in place.
 * @param {FeatureMaps} maps
 */
function normaliseAndRectify({ values, channels, side }) {
  const size = side * side;
  for (let channel = 0; channel < channels; channel++) {
    const plane = values.subarray(channel * size, (channel + 1) * size);
    let sum = 0;
    for (const value of plane) sum += value;
    const mean = sum / size;
    let squares = 0;
    for (const value of plane) squares += (value - mean) ** 2;
    const scale = 1 / Math.sqrt(squares / size + NORM_EPSILON);
    for (let at = 0; at < size; at++) plane[at] = Math.max(0, (plane[at] - mean) * scale);
  }
}

/**
 * 2×2 average pooling.
 * @param {FeatureMaps} maps
 * @returns {FeatureMaps}
 */
function halve({ values, channels, side }) {
  const half = side >> 1;
  const result = new Float32Array(channels * half * half);
  let at = 0;
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0; row < half; row++)
      for (let column = 0; column < half; column++) {
        const corner = (channel * side + 2 * row) * side + 2 * column;
        result[at++] =
          (values[corner] + values[corner + 1] + values[corner + side] + values[corner + side + 1]) / 4;
      }
  return { values: result, channels, side: half };
}

/**
 * Maps of each block for a normalised image; the values of the last, in their order, are the features.
 * @param {Float32Array} image of one channel
 * @param {RandomNetwork} network
 * @returns {FeatureMaps[]}
 */
function embedImage(image, network) {
  /** @type {FeatureMaps[]} */
  const blocks = [];
  let maps = { values: image, channels: 1, side: Math.sqrt(image.length) };
  for (const [index, block] of network.entries()) {
    maps = convolve(maps, block, index ? 1 : FIRST_PADDING);
    normaliseAndRectify(maps);
    maps = halve(maps);
    blocks.push(maps);
  }
  return blocks;
}

/**
 * Features of a normalised image.
 * @param {Float32Array} image
 * @param {RandomNetwork} network
 */
const featuresOf = (image, network) => embedImage(image, network)[BLOCKS - 1].values;

/**
 * Mean of vectors.
 * @param {Float32Array[]} vectors
 */
function meanVector(vectors) {
  const mean = new Float64Array(vectors[0].length);
  for (const vector of vectors) for (let at = 0; at < mean.length; at++) mean[at] += vector[at];
  return mean.map(sum => sum / vectors.length);
}

/**
 * Squared Euclidean distance.
 * @param {ArrayLike<number>} one
 * @param {ArrayLike<number>} other
 */
function squaredDistance(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at] - other[at]) ** 2;
  return sum;
}
