// @ts-check
// Pixels of a frame as canvases that images are copied from.

/**
 * The context of a canvas: null only where the canvas has one of another kind, which ours never have.
 * @param {HTMLCanvasElement} canvas
 */
const contextOf = canvas => /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));

/**
 * Draws the pixels of a frame into one off-screen canvas per lane.
 * @param {View} view
 * @param {Uint8Array} pixels one mosaic per lane, [row, column, channel]
 */
function fillMosaics(view, pixels) {
  let start = 0;
  view.sources = view.head.lanes.map((lane, index) => {
    const cells = lane.images * view.head.classes.length;
    const width = lane.columns * lane.width;
    const height = Math.ceil(cells / lane.columns) * lane.height;
    const source = view.sources[index] ?? document.createElement('canvas');
    if (source.width !== width || source.height !== height) Object.assign(source, { width, height });
    if (!cells) return source;
    const context = contextOf(source);
    const image = context.createImageData(width, height);
    const abgr = new Uint32Array(image.data.buffer);
    const count = width * height;
    if (lane.channels === 1)
      for (let i = 0; i < count; i++) abgr[i] = 0xff000000 | (pixels[start + i] * 0x010101);
    else
      for (let i = 0, j = start; i < count; i++, j += 3)
        abgr[i] = 0xff000000 | (pixels[j + 2] << 16) | (pixels[j + 1] << 8) | pixels[j];
    context.putImageData(image, 0, 0);
    start += count * lane.channels;
    return source;
  });
}
