// @ts-check
// Decoding of the scene, and its pictures.

const PICTURES = /** @type {PictureName[]} */ ([
  ...['real', 'real_augmented', 'synthetic', 'synthetic_augmented', 'after', 'gradient', 'filters'],
]);

/**
 * Reads the scene of a frame; pictures lie there in the order of the fields, then the rows of each layer.
 * @param {Uint8Array} bytes
 */
function readScene(bytes) {
  const { head, pixels } = /** @type {{head: MatchingHead, pixels: Uint8Array}} */ (unpack(bytes));
  let at = 0;
  /** @param {Shape} shape */
  const take = ([images, channels, height, width]) =>
    Array.from({ length: images }, () => {
      const size = channels * height * width;
      at += size;
      return { pixels: pixels.subarray(at - size, at), channels, height, width };
    });
  const pictures = /** @type {Record<PictureName, Picture[]>} */ (
    Object.fromEntries(PICTURES.map(name => [name, take(head.scene[name])]))
  );
  const rows = head.scene.layers.flatMap(layer => take(layer.rows));
  return { head, pictures, rows };
}

/** @param {View} view */
function readSignedColours(view) {
  const probe = element('span', '', '', view.root);
  const [minus, zero, plus] = ['minus', 'zero', 'plus'].map(name => {
    probe.style.color = `var(--signed-${name})`;
    return (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  });
  view.colours = { minus, zero, plus };
  probe.remove();
}

/**
 * What stays the same through the phases.
 * @param {View} view
 */
function showScene(view) {
  const { root, head, pictures } = view;
  const { scene } = head;
  /** @param {string} selector @param {string} text */
  const write = (selector, text) => {
    find(root, selector).textContent = text;
  };
  /** @param {number} shown @param {number} all */
  const some = (shown, all) => (shown < all ? `${shown} of ${grouped(all)}` : `all ${grouped(all)}`);
  write('.real-note', `${some(pictures.real.length, scene.batch)} drawn`);
  const several = scene.images_per_class > 1;
  write('.synthetic-note', several ? some(pictures.synthetic.length, scene.images_per_class) : '');
  write('.omega', `change: ${head.augmentation}`);
  const trained = scene.epochs_before;
  const epochs = `trained for ${grouped(trained)} epoch${trained === 1 ? '' : 's'}`;
  write('.network-note', `Network ${grouped(scene.iteration)}, ${trained ? epochs : 'random weights'}`);
  const range = scene.gradient_range.toPrecision(2);
  write('.gradient-note', `−${range} … 0 … +${range}`);
  /** @param {string} selector @param {PictureName} name @param {boolean} [signed] */
  const tiles = (selector, name, signed = false) =>
    canvases(find(root, selector), pictures[name].length).forEach((canvas, at) =>
      paint(view, canvas, pictures[name][at], { signed }),
    );
  for (const box of root.querySelectorAll(
    '.synthetic-images, .synthetic-augmented, .after-images, .gradient-images',
  ))
    box.classList.toggle('one', pictures.synthetic.length === 1);
  tiles('.real-images', 'real');
  tiles('.real-augmented', 'real_augmented');
  tiles('.synthetic-images', 'synthetic');
  tiles('.synthetic-augmented', 'synthetic_augmented');
  tiles('.after-images', 'after');
  tiles('.gradient-images', 'gradient', true);
  tiles('.filters', 'filters', true);
  showLayers(view);
  showTraining(view);
}
