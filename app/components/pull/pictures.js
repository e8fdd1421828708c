// @ts-check
// Pictures as canvases of their own size, enlarged by the browser without blur.

/**
 * Paints a picture; with another one on top as far as `share` says.
 * @param {View} view
 * @param {HTMLCanvasElement} canvas
 * @param {Picture} picture
 * @param {{signed?: boolean, over?: Picture, share?: number}} [how]
 */
function paint(view, canvas, picture, { signed = false, over, share = 1 } = {}) {
  const { pixels, channels, height, width } = picture;
  canvas.width = width;
  canvas.height = height;
  const pen = contextOf(canvas);
  const image = pen.createImageData(width, height);
  const size = height * width;
  const { minus, zero, plus } = view.colours;
  const mixed = over && share < 1 && over.pixels.length === pixels.length;
  for (let at = 0; at < size; at++) {
    const levels = Array.from({ length: 3 }, (_, channel) => {
      const index = channels === 3 ? channel * size + at : at;
      return mixed
        ? pixels[index] + (over.pixels[index] - pixels[index]) * share
        : (over ?? picture).pixels[index];
    });
    image.data.set(
      [...(signed ? signedColour(levels[0] - 128, 127, [minus, zero, plus]) : levels), 255],
      4 * at,
    );
  }
  pen.putImageData(image, 0, 0);
}

/**
 * Canvases in a box, as many as there are pictures; those that can be clicked are buttons.
 * @param {HTMLElement} box
 * @param {number} count
 * @param {((index: number) => string)} [label] of a button
 * @returns {HTMLCanvasElement[]}
 */
function canvases(box, count, label) {
  if (box.querySelectorAll('canvas').length !== count) {
    const made = Array.from({ length: count }, (_, index) => {
      const canvas = document.createElement('canvas');
      if (!label) return canvas;
      const button = document.createElement('button');
      button.type = 'button';
      button.dataset.image = String(index);
      button.append(canvas);
      return button;
    });
    box.replaceChildren(...made);
  }
  if (label)
    box
      .querySelectorAll('button')
      .forEach((button, index) => button.setAttribute('aria-label', label(index)));
  return [...box.querySelectorAll('canvas')];
}

/**
 * Paints what does not move within a phase.
 * @param {View} view
 */
function showPictures(view) {
  const { pictures, values } = view.scenes[view.at.scene];
  const name = view.head.class_names[view.head.label];
  /** @param {string} selector @param {Picture[]} of @param {string} what */
  const tiles = (selector, of, what) =>
    canvases(find(view.root, selector), of.length, index => `${what} ${index + 1} of ${name}: its maps`);
  const alone = pictures.synthetic.length === 1;
  for (const box of view.root.querySelectorAll(
    '.synthetic-images, .synthetic-augmented, .after-images, .gradient-images',
  ))
    box.classList.toggle('one', alone);
  tiles('.real-images', pictures.real, 'Real image').forEach((canvas, at) =>
    paint(view, canvas, pictures.real[at]),
  );
  tiles('.real-augmented', pictures.real, 'Augmented real image');
  tiles('.synthetic-images', pictures.synthetic, 'Learned image').forEach((canvas, at) =>
    paint(view, canvas, pictures.synthetic[at]),
  );
  tiles('.synthetic-augmented', pictures.synthetic, 'Augmented learned image');
  canvases(find(view.root, '.gradient-images'), pictures.gradient.length).forEach((canvas, at) =>
    paint(view, canvas, pictures.gradient[at], { signed: true }),
  );
  canvases(find(view.root, '.filters'), values.filters[0]).forEach((canvas, at) =>
    paint(view, canvas, pictures.filters[at], { signed: true }),
  );
  showMaps(view);
  showMoving(view);
}

/**
 * Paints the maps of the images that are chosen, and marks these.
 * @param {View} view
 */
function showMaps(view) {
  const { pictures } = view.scenes[view.at.scene];
  for (const [kind, chosen] of /** @type {['real' | 'synthetic', number][]} */ ([
    ['real', view.image],
    ['synthetic', view.synthetic],
  ])) {
    const blocks = pictures[`${kind}_maps`].map(images => images[chosen] ?? []);
    const box = find(view.root, `.${kind}-maps`);
    box.style.setProperty('--blocks', String(blocks.length));
    const shown = (blocks[0] ?? []).flatMap((_, channel) => blocks.map(maps => maps[channel]));
    canvases(box, shown.length).forEach((canvas, at) => paint(view, canvas, shown[at]));
    for (const button of view.root.querySelectorAll(`.${kind}-images button, .${kind}-augmented button`))
      button.setAttribute(
        'aria-pressed',
        String(Number(/** @type {HTMLElement} */ (button).dataset.image) === chosen),
      );
  }
}

/**
 * Paints what moves within a phase: images are augmented, pixels take their step.
 * @param {View} view
 */
function showMoving(view) {
  const { pictures } = view.scenes[view.at.scene];
  const { phase } = view.at;
  /** @param {string} selector @param {Picture[]} before @param {Picture[]} after @param {number} when */
  const change = (selector, before, after, when) =>
    canvases(find(view.root, selector), before.length, undefined).forEach((canvas, at) =>
      paint(view, canvas, before[at], {
        over: after[at],
        share: phase === when ? view.progress : 1,
      }),
    );
  change('.real-augmented', pictures.real, pictures.real_augmented, 3);
  change('.synthetic-augmented', pictures.synthetic, pictures.synthetic_augmented, 3);
  if (view.revealed) change('.after-images', pictures.synthetic, pictures.after, 7);
}
