// @ts-check
// Distribution matching in the plane: stars are pulled until the means of their random ReLU features are those of
// the cloud, Algorithm 1 of the paper without images. tests/js/plane.test.js compares with the formula in numpy.

const STEPS = 3000; // until the stars are at rest
const FULL_RATE_STEPS = 2000; // from then on the rate falls to 0: stars come to rest under ever new networks, too
const RATE = 1; // of 12 stars and 8 features
const MOMENTUM = 0.5;
const BIAS = 1.5;
const START_DEVIATION = 0.3;
const CLOUD_POINTS = 300;
const FIELD_NETWORKS = 64; // that stand for ever new ones in the field of the loss
const CLOUD_SEED = 1;
const START_SEED = 2;
const NETWORK_SEED = 3;

/**
 * A normal random number of mean 0 and deviation 1.
 * @param {() => number} random
 */
const normal = random => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Points of each cloud. @type {Record<string, (random: () => number) => Point>} */
const CLOUDS = {
  ring(random) {
    const angle = 2 * Math.PI * random();
    return [1.2 * Math.cos(angle) + 0.12 * normal(random), 1.2 * Math.sin(angle) + 0.12 * normal(random)];
  },
  moon(random) {
    const angle = Math.PI * random();
    return [
      1.3 * Math.cos(angle) + 0.12 * normal(random),
      1.3 * Math.sin(angle) - 0.5 + 0.12 * normal(random),
    ];
  },
  clusters(random) {
    const [x, y] = [
      [-1.2, -0.8],
      [1.2, -0.6],
      [0, 1.1],
    ][Math.floor(3 * random())];
    return [x + 0.25 * normal(random), y + 0.25 * normal(random)];
  },
};

/**
 * Points of a cloud, x and y in turn: always the same for a name.
 * @param {string} name
 * @returns {number[]}
 */
function cloudPoints(name) {
  const random = randomNumbers(CLOUD_SEED);
  return Array.from({ length: CLOUD_POINTS }, () => CLOUDS[name](random)).flat();
}

/**
 * Stars at their start, a heap in the middle: always the same.
 * @param {number} count
 */
function startingStars(count) {
  const random = randomNumbers(START_SEED);
  return Float64Array.from({ length: 2 * count }, () => START_DEVIATION * normal(random));
}

/**
 * Random network of one layer: a direction of length 1 and a bias per feature, [x, y, bias] in turn.
 * @param {number} features
 * @param {number} seed
 * @param {number} index which of the networks of this seed
 */
function randomNetwork(features, seed, index) {
  const random = randomNumbers(seed, NETWORK_SEED, index);
  const network = new Float64Array(3 * features);
  for (let at = 0; at < network.length; at += 3) {
    const x = normal(random);
    const y = normal(random);
    const length = Math.hypot(x, y);
    network.set([x / length, y / length, BIAS * (2 * random() - 1)], at);
  }
  return network;
}

/**
 * Mean of each feature, ReLU(x · direction + bias), over points.
 * @param {ArrayLike<number>} points x and y in turn
 * @param {Float64Array} network
 */
function meanFeatures(points, network) {
  const means = new Float64Array(network.length / 3);
  for (let at = 0; at < points.length; at += 2)
    for (let j = 0; j < means.length; j++) {
      const z = points[at] * network[3 * j] + points[at + 1] * network[3 * j + 1] + network[3 * j + 2];
      if (z > 0) means[j] += z;
    }
  const count = points.length / 2 || 1;
  return means.map(sum => sum / count);
}

/**
 * Squared distance of the two means, and its gradient on the stars.
 * @param {ArrayLike<number>} stars x and y in turn
 * @param {Float64Array} network
 * @param {Float64Array} realMeans mean features of the cloud
 */
function matchingGradient(stars, network, realMeans) {
  const differences = meanFeatures(stars, network).map((mean, j) => mean - realMeans[j]);
  const gradient = new Float64Array(stars.length);
  const factor = 4 / stars.length; // 2 / number of stars
  for (let at = 0; at < stars.length; at += 2)
    for (let j = 0; j < differences.length; j++)
      if (stars[at] * network[3 * j] + stars[at + 1] * network[3 * j + 1] + network[3 * j + 2] > 0) {
        gradient[at] += factor * differences[j] * network[3 * j];
        gradient[at + 1] += factor * differences[j] * network[3 * j + 1];
      }
  return { loss: differences.reduce((sum, difference) => sum + difference ** 2, 0), gradient };
}

/**
 * Factor on a step that makes a star's pull the same for any number of stars and of features: at the rate of
 * twelve stars a single one would be thrown out of the plane.
 * @param {number} stars
 * @param {number} features
 */
const pullScale = (stars, features) => (stars / 12) * (8 / features);

/**
 * Learning rate of a step.
 * @param {number} step number of steps taken before
 */
const rateAt = step => RATE * Math.min(1, Math.max(0, (STEPS - step) / (STEPS - FULL_RATE_STEPS)));

/**
 * A plane with its stars, and the networks that they are pulled by; `count` 0: a new one at each step.
 * @param {number} count
 * @param {PlaneState} state
 * @returns {Plane}
 */
function createPlane(count, state) {
  const stars = startingStars(state.stars);
  const networks = Array.from({ length: count }, (_, index) =>
    randomNetwork(state.features, state.seed, index),
  );
  return { count, networks, realMeans: [], stars, velocity: new Float64Array(stars.length), trail: [] };
}

/**
 * The network of a step: planes with several share their first ones.
 * @param {Plane} plane
 * @param {PlaneState} state
 * @param {number} step
 */
const networkAt = ({ count, networks }, { features, seed }, step) =>
  count ? networks[step % count] : randomNetwork(features, seed, step);

/**
 * Takes one step: SGD with momentum on the stars.
 * @param {Plane} plane
 * @param {PlaneState} state
 * @param {number[]} cloud
 * @param {number} step number of steps taken before
 * @param {number} rate
 */
function takeStep(plane, state, cloud, step, rate) {
  const network = networkAt(plane, state, step);
  const index = step % plane.count; // NaN for ever new ones
  const realMeans = (plane.count && plane.realMeans[index]) || meanFeatures(cloud, network);
  if (plane.count) plane.realMeans[index] = realMeans;
  const { stars, velocity } = plane;
  const { gradient } = matchingGradient(stars, network, realMeans);
  const scale = pullScale(state.stars, state.features);
  for (let at = 0; at < stars.length; at++) {
    velocity[at] = MOMENTUM * velocity[at] + scale * gradient[at];
    stars[at] -= rate * velocity[at];
  }
}

/**
 * Mean distance from a point of the cloud to its nearest star.
 * @param {number[]} cloud
 * @param {Float64Array} stars
 */
function meanDistance(cloud, stars) {
  let sum = 0;
  for (let at = 0; at < cloud.length; at += 2) {
    let least = Infinity;
    for (let to = 0; to < stars.length; to += 2)
      least = Math.min(least, (cloud[at] - stars[to]) ** 2 + (cloud[at + 1] - stars[to + 1]) ** 2);
    sum += Math.sqrt(least);
  }
  return cloud.length ? (2 * sum) / cloud.length : 0;
}

/**
 * @param {number[]} cloud
 * @returns {Point}
 */
function meanPoint(cloud) {
  const count = cloud.length / 2 || 1;
  const sum = [0, 0];
  cloud.forEach((value, at) => (sum[at % 2] += value));
  return [sum[0] / count, sum[1] / count];
}

/**
 * Loss of a single star at each place of a grid, row by row from the top, averaged over the networks.
 * @param {number[]} cloud
 * @param {Float64Array[]} networks
 * @param {number} columns
 * @param {number} rows
 * @param {number} halfWidth of the grid, in the plane's units
 * @param {number} halfHeight
 */
function lossField(cloud, networks, columns, rows, halfWidth, halfHeight) {
  const field = new Float64Array(columns * rows);
  for (const network of networks) {
    const means = meanFeatures(cloud, network);
    for (let at = 0; at < field.length; at++) {
      const x = halfWidth * ((2 * ((at % columns) + 0.5)) / columns - 1);
      const y = halfHeight * (1 - (2 * (Math.floor(at / columns) + 0.5)) / rows);
      for (let j = 0; j < means.length; j++) {
        const z = x * network[3 * j] + y * network[3 * j + 1] + network[3 * j + 2];
        field[at] += (means[j] - (z > 0 ? z : 0)) ** 2 / networks.length;
      }
    }
  }
  return field;
}
