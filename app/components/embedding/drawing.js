// @ts-check
// Drawing of the embedding: the image and its maps, strips of features, the plane of two classes, the shares.

const PLANE_EDGE = 26; // pixels around the points
const DOT_RADIUS = 4;
const MEAN_RADIUS = 8;
const NUMBER_WIDTH = 30; // half of it, with the ring's
const NUMBER_HEIGHT = 18;
const SHARE_FROM = 0.3; // left end of the axis of shares

/**
 * Grey values of what is shown: of a scene's image, or of the drawing that rests.
 * @param {View} view
 * @param {Scene} scene
 */
const shownGrey = (view, { label, image, rests }) =>
  rests && view.state.drawing ? decodeDrawing(view.state.drawing) : greyImage(view.sheet, label, image);

/**
 * @param {View} view
 */
function readColours(view) {
  const style = getComputedStyle(view.root);
  const palette = paletteOf(style);
  const { text, backdrop, primary } = coloursOf(style);
  view.colours = {
    ...{ text, backdrop, accent: primary },
    quiet: property(style, '--dm-real'),
    line: property(style, '--st-border-color'),
    own: palette[view.state.label % palette.length],
    other: palette[view.state.other % palette.length],
  };
}

/** @param {View} view */
function drawAll(view) {
  const { sheet, state, canvases, root, revealed } = view;
  const scene = sceneAt(view.beat, state, sheet.perClass, revealed);
  const grey = shownGrey(view, scene);
  const blocks = embedImage(normalised(grey, sheet), networkOf(view, state.seed));
  paintPictures(canvases.image, [grey], 1);
  for (const [index, maps] of blocks.entries())
    paintPictures(canvases[/** @type {'block1'} */ (`block${index + 1}`)], mapPictures(maps), 4, 1);
  const features = blocks[blocks.length - 1].values;
  const map = currentMap(view);
  drawStrips(view, scene, features, map);
  drawPlane(view, scene, features, map);
  drawShares(view);
  for (const [index, phase] of PHASES.entries()) root.classList.toggle(`at-${phase}`, scene.phase === index);
  root.classList.toggle('slow', view.beat < PHASES.length - 1);
  root.dataset.beat = String(view.beat);
  root.dataset.own = String(scene.own);
  root.dataset.others = String(scene.others);
  showTexts(view, scene, features, map);
}

/**
 * The features of the image above those of the two means, all on one scale.
 * @param {View} view
 * @param {Scene} scene
 * @param {Float32Array} features
 * @param {Map2d | null} map
 */
function drawStrips({ canvases, colours, revealed }, scene, features, map) {
  const largest = 0.6 * features.reduce((most, value) => Math.max(most, value), 1e-9);
  paintStrip(canvases.this, features, largest, colours.text);
  if (!map) return;
  const hidden = new Float64Array(features.length);
  paintStrip(canvases.own, scene.own ? map.means[0] : hidden, largest, colours.own);
  paintStrip(canvases.other, revealed && scene.others ? map.means[1] : hidden, largest, colours.other);
}

/**
 * Mean place of the first points in their order of appearance.
 * @param {Point[]} points
 */
const meanPlace = points =>
  /** @type {Point} */ (
    [0, 1].map(axis => points.reduce((sum, point) => sum + point[axis], 0) / points.length)
  );

/**
 * The classes as points: sideways the line through their means, true to scale.
 * @param {View} view
 * @param {Scene} scene
 * @param {Float32Array} features
 * @param {Map2d | null} map
 */
function drawPlane(view, scene, features, map) {
  const { context, width, height } = fitCanvas(view.canvases.plane);
  if (!map) return;
  const { colours, state, sheet } = view;
  const shown = map.place(features);
  const unit = Math.min(
    ...[width, height].map(
      (size, axis) => (size / 2 - PLANE_EDGE) / Math.max(map.reach[axis], Math.abs(shown[axis]), 1e-9),
    ),
  );
  /** @type {(point: Point) => Point} */
  const onScreen = ([x, y]) => [width / 2 + unit * x, height / 2 - unit * y];
  /** @type {(point: Point, radius: number, colour: string, alpha?: number) => void} */
  const disc = (point, radius, colour, alpha = 1) => {
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(...onScreen(point), radius, 0, 2 * Math.PI);
    context.fill();
    context.globalAlpha = 1;
  };
  const order = appearance(state.image, sheet.perClass).slice(0, scene.own);
  const clouds = [order.map(at => map.clouds[0][at]), map.clouds[1].slice(0, scene.others)];
  for (const [index, points] of clouds.entries())
    for (const point of points) disc(point, DOT_RADIUS, index ? colours.other : colours.own, 0.55);
  const means = clouds.map((points, index) =>
    points.length === sheet.perClass ? map.meanPlaces[index] : points.length ? meanPlace(points) : null,
  );
  const [from, to] = means.map(mean => mean && onScreen(mean));
  context.font = `600 ${13 * fontScale()}px ${getComputedStyle(view.root).fontFamily}`;
  context.strokeStyle = context.fillStyle = colours.text;
  if (from && to && scene.others === sheet.perClass) {
    context.setLineDash([4, 4]);
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
    context.setLineDash([]);
    context.textAlign = 'center';
  }
  for (const [index, mean] of means.entries())
    if (mean) {
      disc(mean, MEAN_RADIUS + 2, colours.backdrop);
      disc(mean, MEAN_RADIUS, index ? colours.other : colours.own);
    }
  const ring = scene.phase < PHASES.length - 1 ? null : onScreen(shown);
  if (ring) {
    context.strokeStyle = colours.text;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(...ring, DOT_RADIUS + 3, 0, 2 * Math.PI);
    context.stroke();
  }
  if (from && to && scene.others === sheet.perClass) {
    const [across, down] = numberPlace(from, to, ring);
    haloText(context, map.distance.toFixed(2), across, down, colours);
  }
}

/**
 * Where the distance of two means is written: in the middle above their line, below it if the ring is there.
 * @param {Point} from
 * @param {Point} to
 * @param {Point | null} ring
 * @returns {Point}
 */
function numberPlace([left, level], [right], ring) {
  const middle = (left + right) / 2;
  const above = level - 8;
  const covered =
    ring && Math.abs(ring[0] - middle) < NUMBER_WIDTH && Math.abs(ring[1] - above + 4) < NUMBER_HEIGHT;
  return [middle, covered ? level + 20 : above];
}

/**
 * Text that stays legible on dots.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {EmbeddingColours} colours
 */
function haloText(context, text, x, y, colours) {
  context.lineWidth = 4;
  context.strokeStyle = colours.backdrop;
  context.strokeText(text, x, y);
  context.fillStyle = context.strokeStyle = colours.text;
  context.fillText(text, x, y);
}

/**
 * How alike stays alike: a dot for each network, a ring for the pixels, a line where a coin would be.
 * @param {View} view
 */
function drawShares(view) {
  if (!view.revealed) return;
  const { context, width, height } = fitCanvas(view.canvases.shares);
  const { colours } = view;
  const { networks, pixels } = sharesOf(view);
  const [left, right, middle] = [8, width - 8, height / 2 - 7];
  /** @param {number} share */
  const at = share => left + ((Math.max(SHARE_FROM, share) - SHARE_FROM) / (1 - SHARE_FROM)) * (right - left);
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  context.fillStyle = colours.text;
  context.font = `${13 * fontScale()}px ${getComputedStyle(view.root).fontFamily}`;
  context.textAlign = 'center';
  context.beginPath();
  context.moveTo(left, middle);
  context.lineTo(right, middle);
  context.stroke();
  for (const percent of [50, 75, 100]) {
    context.setLineDash(percent === 50 ? [4, 3] : []);
    context.strokeStyle = percent === 50 ? colours.text : colours.line;
    context.beginPath();
    context.moveTo(at(percent / 100), middle - 9);
    context.lineTo(at(percent / 100), middle + 9);
    context.stroke();
    context.textAlign = percent === 100 ? 'right' : 'center';
    context.fillText(percent === 50 ? '50 %: a coin' : `${percent} %`, at(percent / 100), middle + 23);
  }
  context.setLineDash([]);
  for (const [index, share] of networks.entries()) {
    context.globalAlpha = index ? 0.5 : 1;
    context.fillStyle = colours.own;
    context.beginPath();
    context.arc(at(share), middle, 6, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
  context.strokeStyle = colours.text;
  context.lineWidth = 2;
  context.strokeRect(at(pixels) - 5, middle - 5, 10, 10);
}
