// @ts-check
// Drawing of the panels: dots once per view, the background once per projection, stars in every frame of a
// glide.

const DOT = 2.2; // CSS pixels

/**
 * The context of a canvas, emptied, in CSS pixels.
 * @param {View} view
 * @param {HTMLCanvasElement} canvas
 */
const cleared = (view, canvas) => {
  const pen = contextOf(canvas);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  return pen;
};

/**
 * Draws the real images into one bitmap for all panels.
 * @param {View} view
 */
function drawDots(view) {
  const pen = cleared(view, view.dots);
  const { positions, label } = view.head;
  const { width, height } = view.size;
  const radius = DOT * view.scale;
  pen.globalAlpha = 0.35;
  for (const index of view.order) {
    if (!visible(view, label[index])) continue;
    const [x, y] = positions[index];
    const px = across(view, x);
    const py = down(view, y);
    if (px < -radius || py < -radius || px > width + radius || py > height + radius) continue;
    pen.fillStyle = colourOf(view, seriesOf(view, label[index]));
    pen.beginPath();
    pen.arc(px, py, radius, 0, FULL_TURN);
    pen.fill();
  }
  pen.globalAlpha = 1;
}

/**
 * @param {View} view
 * @param {Panel} panel
 * @param {boolean} gliding
 */
function drawPanel(view, panel, gliding) {
  const pen = cleared(view, panel.canvas);
  const { pointed, picked, head, ratio } = view;
  const last = panel.past.at(-1);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.drawImage(view.dots, 0, 0);
  pen.drawImage(panel.background, 0, 0);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.lineCap = 'round';
  if (head.starts) drawSegments(view, pen, panel, star => panel.starts.get(star.id), positionOf, 0.6, 1);
  if (last) drawSegments(view, pen, panel, star => last.get(star.id), positionOf, trailAlpha(panel, 0), 1.8);
  const radius = view.scale * (panel.stars.length > MANY_STARS ? SMALL_STAR : STAR);
  /**
   * 1: pointed at, 2: picked, 3: both.
   * @param {Star} star
   */
  const ringed = star =>
    (pointed?.star === star.id ? 1 : 0) + (picked?.panel === panel.name && picked?.star === star.id ? 2 : 0);
  /** @param {number} pixels */
  const aligned = pixels => (gliding ? pixels : Math.round(pixels)); // at rest on whole pixels
  /** @param {Star} star */
  const drawStar = star => {
    const image = sprite(view, seriesOf(view, star.label), radius, isReal(panel));
    pen.drawImage(
      image,
      aligned(across(view, star.x) * ratio - image.width / 2),
      aligned(down(view, star.y) * ratio - image.height / 2),
    );
  };
  pen.setTransform(1, 0, 0, 1, 0, 0);
  for (const star of panel.drawn) if (visible(view, star.label) && !ringed(star)) drawStar(star);
  for (const star of panel.stars) {
    const rings = ringed(star);
    if (!rings || !visible(view, star.label)) continue;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (rings > 1) ring(view, pen, star.x, star.y, radius / view.scale + 4.5, view.colour.primary, 3.5);
    if (rings % 2)
      ring(view, pen, star.x, star.y, radius / view.scale + (rings > 1 ? 8.5 : 4.5), view.colour.text, 2);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    drawStar(star);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (pointed?.real !== undefined) ring(view, pen, ...head.positions[pointed.real], 5, view.colour.text, 2);
}

/**
 * Draws in the next animation frame.
 * @param {View} view
 */
const requestDraw = view => {
  view.drawRequest ||= requestAnimationFrame(() => {
    view.drawRequest = 0;
    if (!view.stopped) draw(view);
  });
};
/**
 * Share of the way after a share of the time: slow at both ends.
 * @param {number} part
 */
const ease = part => (part < 0.5 ? 4 * part ** 3 : 1 - (2 - 2 * part) ** 3 / 2);

/** @param {View} view */
function draw(view) {
  if (!view.head || !arrange(view)) return;
  const { glide } = view;
  const part = glide ? Math.min(1, (performance.now() - glide.began) / glide.lasts) : 1;
  const way = ease(part);
  if (glide)
    for (const { stars } of view.panels)
      for (const star of stars) {
        star.x = part < 1 ? star.fromX + (star.toX - star.fromX) * way : star.toX;
        star.y = part < 1 ? star.fromY + (star.toY - star.fromY) * way : star.toY;
      }
  if (part === 1) view.glide = null;
  if (view.stale) {
    updateTransform(view);
    drawDots(view);
    for (const panel of view.panels) drawBackground(view, panel);
    view.stale = false;
  }
  for (const panel of view.panels) drawPanel(view, panel, part < 1 || Boolean(view.drag?.moved));
  if (view.glide) requestDraw(view);
  else afterDraw(view);
  placeTooltip(view);
}

/**
 * Once stars have stopped: notes where they are, and looks again at what is under the mouse.
 * @param {View} view
 */
function afterDraw(view) {
  for (const { canvas, stars } of view.panels) {
    const shownStars = stars.filter(star => visible(view, star.label));
    Object.assign(canvas.dataset, { zoom: view.zoom.toFixed(2), standing: view.iteration });
    // positions for tests, where there are few
    if (stars.length > 200) delete canvas.dataset.stars;
    else
      canvas.dataset.stars = JSON.stringify(
        shownStars.map(star => [
          star.label,
          star.image,
          +across(view, star.x).toFixed(1),
          +down(view, star.y).toFixed(1),
        ]),
      );
  }
  const { mouse } = view; // a star may have left the mouse, or come under it
  if (mouse && view.glided) point(view, mouse.panel, hitTest(view, mouse.panel, mouse.x, mouse.y));
  view.glided = false;
}
