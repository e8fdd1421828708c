// @ts-check
// Pictures of a scene: what stands still through its phases, and what moves in one.

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
