// @ts-check
// Types of the image grid, and the pixels of a frame as canvases that images are copied from.

/**
 * A titled row or block of images, as component.py's `pack` describes it.
 * @typedef {object} Lane
 * @property {string} name
 * @property {string} title
 * @property {number} images per class
 * @property {number} first position in its class of the first image
 * @property {number} of images in each class, shown or not
 * @property {number} channels 1 or 3
 * @property {number} height pixels of an image
 * @property {number} width
 * @property {number} columns images in a row of the mosaic
 */
/**
 * Header of a frame. Frames from an address have only what changes, see `mergeFrame`.
 * @typedef {object} Head
 * @property {Lane[]} lanes
 * @property {string[]} classes
 * @property {number} iteration
 * @property {string} alt
 * @property {string[]} caption
 * @property {[lane: string, label: number, image: number] | null} picked
 * @property {boolean} pickable
 * @property {number} maxHeight CSS pixels
 * @property {number | null} reserve CSS pixels of the window's height for what stands around
 * @property {number} largest CSS pixels of an image's longer side at most
 * @property {string} source address of the newest frame
 * @property {string} subject
 * @property {string} film
 */
/** @typedef {{head: Head, pixels: Uint8Array}} Frame */
/** @typedef {{lane: number, label: number, image: number}} ImageId positions among those shown */
/** @typedef {ImageId & {x: number, y: number}} Cell an image and its top left corner, CSS pixels */
/**
 * What is known of a mounted grid. `head` to `stop` are there once it is mounted and has its first frame.
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} labels
 * @property {HTMLElement} status
 * @property {HTMLElement} caption
 * @property {HTMLCanvasElement[]} sources a mosaic per lane
 * @property {ImageId | null} picked
 * @property {Cell | null} pointed under the mouse, or reached by keys
 * @property {Head} head
 * @property {Frame} frame
 * @property {Cell[]} [cells]
 * @property {number} size CSS pixels of an image's longer side
 * @property {{primary: string, text: string, backdrop: string}} colour
 * @property {string} [shape] what the layout depends on; another one is laid out anew
 * @property {string} [arrangedAt] widths that the layout was made for
 * @property {string} [lastHeader] of the frame that the script sent last
 * @property {Frame | null} [liveFrame] what is shown again after the time machine
 * @property {boolean} [fetching]
 * @property {boolean} [again] whether to fetch once more after this
 * @property {boolean} [stopped]
 * @property {SendValue} send
 * @property {ResizeObserver} observer
 * @property {() => void} stop
 */

/**
 * A canvas has no context only where it was asked for one of another kind: ours are not.
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
    const argb = new Uint32Array(image.data.buffer);
    const count = width * height;
    if (lane.channels === 1)
      for (let i = 0; i < count; i++) argb[i] = 0xff000000 | (pixels[start + i] * 0x010101);
    else
      for (let i = 0, j = start; i < count; i++, j += 3)
        argb[i] = 0xff000000 | (pixels[j + 2] << 16) | (pixels[j + 1] << 8) | pixels[j];
    context.putImageData(image, 0, 0);
    start += count * lane.channels;
    return source;
  });
}
