// @ts-check
// Classes of images in a random network: their features, where they lie in a plane, and how alike stays alike.

const COMPARED_NETWORKS = 8;
const WORK_BUDGET = 8; // milliseconds of a frame
const AXIS_ROUNDS = 30;

/**
 * How often two images of a class are closer to each other than the first of them to one of another class: over
 * all ordered pairs and all others; 0.5 if the class made no difference.
 * @param {ArrayLike<number>[]} own
 * @param {ArrayLike<number>[]} others
 */
function nearShare(own, others) {
  let nearer = 0;
  for (const [at, first] of own.entries()) {
    const toOthers = others.map(other => squaredDistance(first, other));
    for (const [index, second] of own.entries()) {
      if (index === at) continue;
      const between = squaredDistance(first, second);
      for (const distance of toOthers) nearer += between < distance ? 1 : 0;
    }
  }
  return nearer / comparisons(own.length, others.length);
}

/**
 * Number of comparisons that a share is of.
 * @param {number} own
 * @param {number} others
 */
const comparisons = (own, others) => own * (own - 1) * others;

/**
 * @param {ArrayLike<number>} one
 * @param {ArrayLike<number>} other
 */
function dot(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += one[at] * other[at];
  return sum;
}

/**
 * The direction in which vectors vary most about 0: their first principal component.
 * @param {Float64Array[]} vectors
 */
function principalAxis(vectors) {
  let axis = vectors.reduce((most, vector) => (dot(vector, vector) > dot(most, most) ? vector : most));
  for (let round = 0; round < AXIS_ROUNDS; round++) {
    const next = new Float64Array(axis.length);
    for (const vector of vectors) {
      const along = dot(vector, axis);
      for (let at = 0; at < next.length; at++) next[at] += along * vector[at];
    }
    const length = Math.sqrt(dot(next, next)) || 1;
    axis = next.map(value => value / length);
  }
  return axis;
}

/**
 * Lays two classes into a plane: sideways the line through their means, true to scale, and upwards the direction
 * in which everything else varies most.
 * @param {Float32Array[]} own
 * @param {Float32Array[]} others
 */
function layOut(own, others) {
  const means = /** @type {[Float64Array, Float64Array]} */ ([meanVector(own), meanVector(others)]);
  const distance = Math.sqrt(squaredDistance(...means));
  const middle = means[0].map((value, at) => (value + means[1][at]) / 2);
  const along = means[0].map((value, at) => (means[1][at] - value) / (distance || 1));
  /** @param {ArrayLike<number>} features */
  const fromMiddle = features => middle.map((value, at) => features[at] - value);
  const rests = [...own, ...others].map(features => {
    const vector = fromMiddle(features);
    const sideways = dot(vector, along);
    return vector.map((value, at) => value - sideways * along[at]);
  });
  const upwards = principalAxis(rests);
  /** @type {(features: ArrayLike<number>) => Point} */
  const place = features => {
    const vector = fromMiddle(features);
    return [dot(vector, along), dot(vector, upwards)];
  };
  const clouds = /** @type {[Point[], Point[]]} */ ([own.map(place), others.map(place)]);
  const points = clouds.flat();
  const reach = /** @type {Point} */ (
    [0, 1].map(axis => Math.max(...points.map(point => Math.abs(point[axis]))))
  );
  return {
    means,
    distance,
    clouds,
    place,
    reach,
    meanPlaces: /** @type {[Point, Point]} */ (means.map(place)),
  };
}

/**
 * @param {View} view
 * @param {number} seed
 */
function networkOf(view, seed) {
  const network = view.networks.get(seed) ?? drawNetwork(seed);
  view.networks.set(seed, network);
  return network;
}

/**
 * Features of all images of a class; null while some are missing.
 * @param {View} view
 * @param {number} seed
 * @param {number} label
 */
const cloudOf = (view, seed, label) => {
  const features = view.features.get(`${seed}.${label}`) ?? [];
  return features.length === view.sheet.perClass ? features : null;
};

/**
 * Seeds of the networks that are compared, the shown one first.
 * @param {View} view
 */
const comparedSeeds = ({ state, revealed }) =>
  Array.from({ length: revealed ? COMPARED_NETWORKS : 1 }, (_, at) => (state.seed + at) % 1000);

/**
 * Computes features that are missing, as many as a frame has time for; returns whether there are more.
 * @param {View} view
 * @param {() => number} now milliseconds
 */
function embedMissing(view, now) {
  const until = now() + WORK_BUDGET;
  for (const seed of comparedSeeds(view))
    for (const label of [view.state.label, view.state.other]) {
      const key = `${seed}.${label}`;
      const features = view.features.get(key) ?? [];
      view.features.set(key, features);
      while (features.length < view.sheet.perClass) {
        const image = normalised(greyImage(view.sheet, label, features.length), view.sheet);
        features.push(featuresOf(image, networkOf(view, seed)));
        if (now() > until) return true;
      }
    }
  return false;
}

/**
 * The shown classes in the shown network as a plane, once it is computed; until then the last one.
 * @param {View} view
 */
function currentMap(view) {
  const { seed, label, other } = view.state;
  const isCurrent = view.map?.seed === seed && view.map.label === label && view.map.other === other;
  const [own, others] = [cloudOf(view, seed, label), cloudOf(view, seed, other)];
  if (!isCurrent && own && others) view.map = { seed, label, other, ...layOut(own, others) };
  return view.map;
}

/**
 * Shares of the compared networks that are computed, and of the pixels themselves.
 * @param {View} view
 */
function sharesOf(view) {
  const { label, other } = view.state;
  /** @type {(key: string, compute: () => number) => number} */
  const kept = (key, compute) => {
    const share = view.shares.get(key) ?? compute();
    view.shares.set(key, share);
    return share;
  };
  const networks = comparedSeeds(view).flatMap(seed => {
    const [own, others] = [cloudOf(view, seed, label), cloudOf(view, seed, other)];
    return own && others ? [kept(`${seed}.${label}.${other}`, () => nearShare(own, others))] : [];
  });
  const pixels = kept(`pixels.${label}.${other}`, () => {
    const [own, others] = [label, other].map(each =>
      Array.from({ length: view.sheet.perClass }, (_, at) => greyImage(view.sheet, each, at)),
    );
    return nearShare(own, others);
  });
  return { networks, pixels };
}
