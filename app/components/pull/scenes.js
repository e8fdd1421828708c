// @ts-check
// Decoding of the scenes that Python packs: values as JSON, pictures as pixels behind it.

const PICTURES = /** @type {const} */ ([
  ...['real', 'real_augmented', 'synthetic', 'synthetic_augmented', 'after', 'gradient', 'filters'],
]);
const MAPS = /** @type {const} */ (['real_maps', 'synthetic_maps']);

/**
 * Reads the scenes of a frame; pictures lie there in the order of the fields.
 * @param {Uint8Array} bytes
 */
function readScenes(bytes) {
  const { head, pixels } = /** @type {{head: PullHead, pixels: Uint8Array}} */ (unpack(bytes));
  let at = 0;
  /** @param {Shape} shape @param {number} [channels] of a picture */
  const take = ([images, all, height, width], channels = all) =>
    Array.from({ length: (images * all) / channels || 0 }, () => {
      const size = channels * height * width;
      at += size;
      return { pixels: pixels.subarray(at - size, at), channels, height, width };
    });
  const scenes = head.scenes.map(values => {
    /** @type {Record<string, unknown>} */
    const pictures = {};
    for (const name of PICTURES) pictures[name] = take(/** @type {any} */ (values)[name]);
    for (const name of MAPS)
      pictures[name] = values[name].map(shape => {
        const maps = take(shape, 1);
        return Array.from({ length: shape[0] }, (_, image) =>
          maps.slice(image * shape[1], (image + 1) * shape[1]),
        );
      });
    return { values, pictures: /** @type {ScenePictures} */ (/** @type {unknown} */ (pictures)) };
  });
  return { head, scenes, content: JSON.stringify([head.label, head.sentences]) };
}
