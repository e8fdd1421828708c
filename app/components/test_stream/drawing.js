// @ts-check
// Drawing of the stream: training images of a lane, and the test images on their way past its network.

const HEIGHT = 98; // of a canvas, in the units of all lengths here; CSS pixels where type is of the usual size
const CELL = 72; // from a test image to the next
const SIDE = 52; // of a test image
const TEXT = 13;
const TOP = 4;

/**
 * Draws the ten images of a frame of a lane's film, five in a row.
 * @param {Lane} lane
 * @param {number} frame
 */
function drawSet(lane, frame) {
  if (lane.drawn === frame) return;
  lane.drawn = frame;
  const { height, width } = lane.images;
  const columns = Math.ceil(lane.count / 2);
  Object.assign(lane.set, {
    width: columns * (width + 1) - 1,
    height: 2 * (height + 1) - 1,
  });
  const context = contextOf(lane.set);
  const pixels = context.createImageData(width, height);
  const abgr = new Uint32Array(pixels.data.buffer);
  for (let image = 0; image < lane.count; image++) {
    writeImage(lane.images, frame * lane.count + image, abgr);
    context.putImageData(pixels, (image % columns) * (width + 1), Math.floor(image / columns) * (height + 1));
  }
}

/**
 * The test images side by side, to be copied from.
 * @param {ImagePixels} images
 * @param {number} count
 */
function sheetOf(images, count) {
  const { height, width } = images;
  const sheet = document.createElement('canvas');
  Object.assign(sheet, { width: count * width, height });
  const context = contextOf(sheet);
  const pixels = context.createImageData(width, height);
  const abgr = new Uint32Array(pixels.data.buffer);
  for (let image = 0; image < count; image++) {
    writeImage(images, image, abgr);
    context.putImageData(pixels, image * width, 0);
  }
  return sheet;
}

/**
 * Where the network stands: images right of it have not passed it yet.
 * @param {number} width
 */
const gateOf = width => Math.round(width * 0.62);

/**
 * Draws a name below an image: whole, or not at all where the edge would cut it.
 * @param {CanvasRenderingContext2D} context
 * @param {string} name
 * @param {number} centre
 * @param {number} line from 0
 */
function drawName(context, name, centre, line) {
  const half = Math.min(CELL, context.measureText(name).width) / 2;
  if (centre >= half) context.fillText(name, centre, TOP + SIDE + 16 + 17 * line, CELL);
}

/**
 * Draws the test images of a lane, each with what it is; left of the network below that what it takes them for.
 * @param {View} view
 * @param {Lane} lane
 */
function drawTests(view, lane) {
  const { tests } = lane;
  const { text, edge, good, bad } = view.colours;
  const ratio = devicePixelRatio || 1;
  const pixels = {
    width: Math.round(tests.clientWidth * ratio),
    height: Math.round(tests.clientHeight * ratio),
  };
  if (tests.width !== pixels.width || tests.height !== pixels.height) Object.assign(tests, pixels);
  const scale = tests.clientHeight / HEIGHT || 1;
  const [width, height] = [tests.clientWidth / scale, HEIGHT];
  const context = contextOf(tests);
  context.setTransform(ratio * scale, 0, 0, ratio * scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  context.textAlign = 'center';
  context.font = `${TEXT}px ${getComputedStyle(view.root).fontFamily}`;
  const gate = gateOf(width);
  context.strokeStyle = edge;
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(gate, 0);
  context.lineTo(gate, TOP + SIDE);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = text;
  context.textAlign = 'left'; // left of it stand its answers
  context.fillText('network', gate + 6, height - 4);
  context.textAlign = 'center';
  for (let image = 0; image < view.head.label.length; image++) {
    const left = gate + (image - view.passed) * CELL + (CELL - SIDE) / 2;
    if (left > width || left < -CELL) continue;
    context.globalAlpha = left < 0 ? Math.max(0, 1 + left / SIDE) : 1;
    context.drawImage(view.sheet, image * view.side, 0, view.side, view.sheet.height, left, TOP, SIDE, SIDE);
    const truth = view.head.label[image];
    context.fillStyle = text;
    drawName(context, view.head.class_names[truth], left + SIDE / 2, 0);
    if (image < Math.floor(view.passed)) {
      const answer = lane.answers[image];
      const right = answer === truth;
      context.fillStyle = context.strokeStyle = answer === undefined ? edge : right ? good : bad;
      context.lineWidth = 2;
      context.strokeRect(left - 1, TOP - 1, SIDE + 2, SIDE + 2);
      const verdict = answer === undefined ? '?' : right ? '✓' : `✗ ${view.head.class_names[answer]}`;
      drawName(context, verdict, left + SIDE / 2, 1);
      context.lineWidth = 1;
    }
    context.globalAlpha = 1;
  }
}
