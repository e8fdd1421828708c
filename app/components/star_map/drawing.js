// The panels' canvases: dots are drawn once per view, wakes once per placement, stars in every frame of a glide.
const DOT = 2.2; // CSS pixels
const clean = (view, canvas) => {
  const pen = canvas.getContext('2d');
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  return pen;
};

/** One bitmap for all panels: they show the same real images. */
function drawDots(view) {
  const pen = clean(view, view.dots),
    { x, y, label } = view.head,
    { width, height } = view.size,
    radius = DOT * view.scale;
  pen.globalAlpha = 0.35;
  for (const index of view.order) {
    if (!visible(view, label[index])) continue;
    const px = across(view, x[index]),
      py = down(view, y[index]);
    if (px < -radius || py < -radius || px > width + radius || py > height + radius) continue;
    pen.fillStyle = colourOf(view, seriesOf(view, label[index]));
    pen.beginPath();
    pen.arc(px, py, radius, 0, FULL_TURN);
    pen.fill();
  }
  pen.globalAlpha = 1;
}

function drawPanel(view, panel, gliding) {
  const pen = clean(view, panel.canvas),
    { pointed, picked, head, ratio } = view,
    last = panel.past.at(-1);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.drawImage(view.dots, 0, 0);
  pen.drawImage(panel.wake, 0, 0);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.lineCap = 'round';
  if (head.starts) lines(view, pen, panel, star => panel.starts.get(star.id), here, 0.6, 1);
  if (last) lines(view, pen, panel, star => last.get(star.id), here, fading(panel, 0), 1.8);
  const radius = view.scale * (panel.stars.length > MANY_STARS ? SMALL_STAR : STAR);
  const ringed = star =>
    (pointed?.star === star.id ? 1 : 0) + (picked?.panel === panel.name && picked.star === star.id ? 2 : 0);
  const place = star => {
    const image = sprite(view, seriesOf(view, star.label), radius),
      even = gliding ? one => one : Math.round; // at rest on whole pixels
    pen.drawImage(
      image,
      even(across(view, star.x) * ratio - image.width / 2),
      even(down(view, star.y) * ratio - image.height / 2),
    );
  };
  pen.setTransform(1, 0, 0, 1, 0, 0);
  for (const star of panel.drawn) if (visible(view, star.label) && !ringed(star)) place(star);
  for (const star of panel.stars) {
    const how = ringed(star);
    if (!how || !visible(view, star.label)) continue;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (how > 1) ring(view, pen, star.x, star.y, radius / view.scale + 4.5, view.colour.primary, 3.5);
    if (how % 2)
      ring(view, pen, star.x, star.y, radius / view.scale + (how > 1 ? 8.5 : 4.5), view.colour.text, 2);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    place(star);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (pointed?.real >= 0) ring(view, pen, head.x[pointed.real], head.y[pointed.real], 5, view.colour.text, 2);
}

const request = view => {
  view.requested ||= requestAnimationFrame(() => {
    view.requested = 0;
    if (!view.stopped) draw(view);
  });
};
const ease = part => (part < 0.5 ? 4 * part ** 3 : 1 - (2 - 2 * part) ** 3 / 2);

function draw(view) {
  if (!view.head || !arrange(view)) return;
  const { glide } = view,
    part = glide ? Math.min(1, (performance.now() - glide.began) / glide.lasts) : 1,
    way = ease(part);
  if (glide)
    for (const { stars } of view.panels)
      for (const star of stars) {
        star.x = part < 1 ? star.fromX + (star.toX - star.fromX) * way : star.toX;
        star.y = part < 1 ? star.fromY + (star.toY - star.fromY) * way : star.toY;
      }
  if (part === 1) view.glide = null;
  if (view.stale) {
    project(view);
    drawDots(view);
    for (const panel of view.panels) drawWake(view, panel);
    view.stale = false;
  }
  for (const panel of view.panels) drawPanel(view, panel, part < 1 || view.drag?.moved);
  if (view.glide) request(view);
  else settle(view);
  placeTip(view);
}

function settle(view) {
  for (const { canvas, stars } of view.panels) {
    const shown = stars.filter(star => visible(view, star.label)); // for tests, where there are few
    Object.assign(canvas.dataset, { zoom: view.zoom.toFixed(2), standing: view.iteration });
    if (stars.length > 200) delete canvas.dataset.stars;
    else
      canvas.dataset.stars = JSON.stringify(
        shown.map(star => [
          star.label,
          star.image,
          +across(view, star.x).toFixed(1),
          +down(view, star.y).toFixed(1),
        ]),
      );
  }
  const { mouse } = view; // a star may have left the mouse, or come under it
  if (mouse && view.glided) point(view, mouse.panel, find(view, mouse.panel, mouse.x, mouse.y));
  view.glided = false;
}
