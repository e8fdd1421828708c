// @ts-check
// Drawing of the augmentation: the six operations, both ways of augmenting, and the distances over the draws.

const THUMB_GAP = 2; // canvas pixels
const DOT_RADIUS = 5;

/** @param {View} view */
function readColours(view) {
  const style = getComputedStyle(view.root);
  const { text, backdrop } = coloursOf(style);
  view.colours = {
    ...{ text, backdrop },
    line: property(style, '--st-border-color'),
    quiet: property(style, '--dm-real'),
    synthetic: property(style, '--dm-synthetic'),
  };
}

/**
 * Trial that is looked at: what is set by hand, else the last one shown.
 * @param {View} view
 */
const lookedAt = view => view.byHand ?? view.trials[Math.max(0, view.shown - 1)] ?? null;

/** @param {View} view */
function drawAll(view) {
  drawOperations(view);
  drawSides(view);
  if (view.revealed) drawDistances(view);
  showTexts(view);
}

/**
 * Parameters of an operation at a moment of its sweep, from 0 to 1: there and back.
 * @param {Operation} operation
 * @param {number} moment
 */
const sweptValues = ({ parameters }, moment) =>
  parameters.map(({ low, high, whole, still }, index) => {
    const wave = Math.sin(2 * Math.PI * (moment + index / 4));
    const value = wave < 0 ? still + (still - low) * wave : still + (high - still) * wave;
    return whole ? Math.round(low === 0 && high === 1 ? (wave + 1) / 2 : value) : value;
  });

/**
 * A picture of each operation; they move while trials play, and rest where they show most.
 * @param {View} view
 */
function drawOperations(view) {
  const moment = view.playing ? (view.now % SWEEP_TIME) / SWEEP_TIME : 0.22;
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const image = augment(view.images[0], { operation: name, values: sweptValues(operation, moment) });
    paintPictures(view.canvases[name], [asGrey(image, view.sheet)], 1);
  }
}

/**
 * Real images and their copies, under the augmentations of the trial.
 * @param {View} view
 */
function drawSides(view) {
  const trial = lookedAt(view) ?? drawPair(view.state, 0);
  /** @type {(name: string, augmentation: Augmentation) => void} */
  const row = (name, augmentation) =>
    paintPictures(
      view.canvases[name],
      view.images.map(image => asGrey(augment(image, augmentation), view.sheet)),
      TRIAL_IMAGES,
      THUMB_GAP,
    );
  row('same-real', trial.real);
  row('same-copies', trial.real);
  row('separate-real', trial.real);
  row('separate-copies', trial.copies);
}

/**
 * Distances over the draws: a dot for each, on one axis for both ways, with two distances to compare with.
 * @param {View} view
 */
function drawDistances(view) {
  const { context, width, height } = fitCanvas(view.canvases.distances);
  const { colours, trials, yardsticks, byHand } = view;
  const shown = trials.slice(0, view.shown);
  const most = Math.max(
    1,
    ...trials.flatMap(({ separate }) => separate),
    ...(byHand ? [byHand.separate] : []),
    ...Object.values(yardsticks ?? {}),
  );
  const scale = fontScale();
  const [left, right] = [10, width - 16];
  const rows = [36, 64]; // where the style sheet has their names
  /** @param {number} distance */
  const at = distance => left + (distance / most) * (right - left);
  context.font = `${13 * scale}px ${getComputedStyle(view.root).fontFamily}`;
  context.lineWidth = 1;
  for (const y of rows) {
    context.strokeStyle = colours.line;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(right, y);
    context.stroke();
  }
  context.fillStyle = colours.text;
  const step =
    10 ** Math.floor(Math.log10(most / 2)) * (most / 10 ** Math.floor(Math.log10(most / 2)) > 8 ? 2 : 1);
  context.textAlign = 'center';
  for (let value = 0; value <= most; value += step)
    context.fillText(String(+value.toFixed(3)), at(value), height - 4);
  drawYardsticks(view, context, at, height - 22 * scale);
  for (const [row, way] of /** @type {const} */ (['same', 'separate']).entries())
    for (const [index, trial] of shown.entries()) {
      const isLast = index === shown.length - 1 && !byHand;
      dotAt(
        context,
        at(trial[way]),
        rows[row] + jitter(index),
        isLast ? colours.synthetic : colours.quiet,
        isLast,
      );
    }
  if (byHand)
    for (const [row, way] of /** @type {const} */ (['same', 'separate']).entries())
      dotAt(context, at(byHand[way]), rows[row], colours.synthetic, true);
}

/**
 * Dashed lines with their names, which give way to each other.
 * @param {View} view
 * @param {CanvasRenderingContext2D} context
 * @param {(distance: number) => number} at
 * @param {number} bottom
 */
function drawYardsticks(view, context, at, bottom) {
  const { yardsticks, sheet, colours, canvases } = view;
  if (!yardsticks) return;
  const named = /** @type {[number, string][]} */ ([
    [yardsticks.otherImages, 'ten others'],
    [yardsticks.otherClass, `ten of ${sheet.classNames[otherLabel(view)]}`],
  ]).sort(([one], [other]) => one - other);
  context.strokeStyle = colours.text;
  context.setLineDash([4, 4]);
  context.textAlign = 'left';
  let end = 0;
  for (const [distance, name] of named) {
    const width = context.measureText(name).width;
    const fits = at(distance) + 4 + width <= canvases.distances.clientWidth;
    const x = fits ? at(distance) + 4 : at(distance) - 4 - width;
    const y = x < end ? 23 : 11;
    context.fillText(name, x, y);
    end = x + width + 8;
    context.beginPath();
    context.moveTo(at(distance), y - 10);
    context.lineTo(at(distance), bottom);
    context.stroke();
  }
  context.setLineDash([]);
}

/**
 * Vertical shift of a dot, so that equal ones can be counted.
 * @param {number} index
 */
const jitter = index => ((index * 7) % 11) - 5;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {string} colour
 * @param {boolean} strong
 */
function dotAt(context, x, y, colour, strong) {
  context.globalAlpha = strong ? 1 : 0.5;
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, strong ? DOT_RADIUS + 2 : DOT_RADIUS, 0, 2 * Math.PI);
  context.fill();
  context.globalAlpha = 1;
}
