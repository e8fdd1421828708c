// @ts-check
// Tooltip next to what is pointed at: its image, enlarged, and its name. Thumbnails of real images are fetched
// once.

const PICTURE = 96; // CSS pixels of an image's longer side, about
const WIDEST_PICTURE = 144; // CSS pixels
const THUMBS_EVERY = 600; // milliseconds between two requests for the thumbnails

/**
 * Shows what is pointed at, or hides the tooltip.
 * @param {View} view
 */
function fillTooltip(view) {
  const { tooltip, pointed } = view;
  const [canvas, text] = /** @type {[HTMLCanvasElement, Element]} */ (
    /** @type {unknown} */ (tooltip.children)
  );
  if (!pointed) {
    if (tooltip.matches(':popover-open')) tooltip.hidePopover();
    return;
  }
  text.textContent = describe(view, pointed.panel, pointed);
  const source = imageOf(view, pointed);
  canvas.hidden = !source;
  if (source) drawPicture(canvas, source);
  if (pointed.real !== undefined) fetchThumbs(view);
  if (!tooltip.matches(':popover-open')) tooltip.showPopover();
  placeTooltip(view);
}

/**
 * The image of a star or of a real image, where it is there.
 * @param {View} view
 * @param {NonNullable<View['pointed']>} pointed
 */
function imageOf({ thumbs }, { panel, star, real }) {
  if (real === undefined) {
    const index = starOf(panel, star)?.index;
    return panel.pictures && index !== undefined && { ...panel.pictures, index };
  }
  return thumbs && real < thumbs.count && { ...thumbs, index: real };
}

/**
 * Draws an image, enlarged.
 * @param {HTMLCanvasElement} canvas
 * @param {ImagePixels & {index: number}} image
 */
function drawPicture(canvas, { index, ...images }) {
  const { width, height } = images;
  const image = new ImageData(width, height);
  writeImage(images, index, new Uint32Array(image.data.buffer));
  Object.assign(canvas, { width, height });
  contextOf(canvas).putImageData(image, 0, 0);
  const side = Math.max(width, height);
  const ratio = window.devicePixelRatio || 1;
  // every pixel drawn equally wide, unless that is too large
  const even = Math.max(1, Math.round((PICTURE * ratio) / side)) / ratio;
  const large = side * even > WIDEST_PICTURE;
  canvas.style.cssText = `width:${width * (large ? PICTURE / side : even)}px;image-rendering:${large ? 'auto' : 'pixelated'}`;
}

/**
 * @param {View} view
 * @param {NonNullable<View['pointed']>} target
 */
function positionOfTarget({ head }, { panel, star, real }) {
  return real === undefined ? positionOf(/** @type {Star} */ (starOf(panel, star))) : head.positions[real];
}

/**
 * Positions it next to what it describes, inside the window.
 * @param {View} view
 */
function placeTooltip(view) {
  const { tooltip, pointed } = view;
  if (!pointed || !tooltip.matches(':popover-open')) return;
  const [x, y] = positionOfTarget(view, pointed);
  const area = pointed.panel.canvas.getBoundingClientRect();
  const { offsetWidth: wide, offsetHeight: high } = tooltip;
  const apart = 16 * view.scale;
  const px = area.left + across(view, x);
  const py = area.top + down(view, y);
  /**
   * @param {number} at
   * @param {number} size
   * @param {number} room
   */
  const nextTo = (at, size, room) =>
    clamp(8, at + apart + size + 8 <= room ? at + apart : at - apart - size, Math.max(8, room - size - 8));
  Object.assign(tooltip.style, {
    left: `${nextTo(px, wide, document.documentElement.clientWidth)}px`,
    top: `${nextTo(py, high, window.innerHeight)}px`,
  });
}

/**
 * Fetches the thumbnails once, when a real image is first pointed at: again while one is, until they are there.
 * @param {View} view
 */
function fetchThumbs(view) {
  if (!view.head.thumbs || view.thumbs) return;
  view.thumbsTimer ||= setTimeout(
    async () => {
      const { thumbs } = view.head;
      view.thumbsFetchedAt = performance.now();
      try {
        const bytes = thumbs && (await readBytes(await fetch(thumbs)));
        if (bytes && thumbs === view.head.thumbs) {
          /** @type {Packed<{images: ImageShape}>} */
          const { head, pixels } = unpack(bytes);
          const [count, channels, height, width] = head.images;
          view.thumbs = { pixels, count, channels, height, width };
        }
      } catch {
        /* the server is away */
      }
      view.thumbsTimer = null;
      if (!view.stopped) fillTooltip(view);
    },
    timeToWait(view.thumbsFetchedAt, THUMBS_EVERY),
  );
}
