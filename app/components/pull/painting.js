// @ts-check
// Pictures as canvases of their own size, enlarged by the browser without blur.

/**
 * An image: uint8 [channel, height, width].
 * @typedef {object} Picture
 * @property {Uint8Array} pixels
 * @property {number} channels
 * @property {number} height
 * @property {number} width
 */

/**
 * Red, green and blue of the signed pictures.
 * @typedef {object} SignedColours
 * @property {number[]} minus
 * @property {number[]} zero
 * @property {number[]} plus
 */

/**
 * Paints a picture; with another one on top as far as `share` says.
 * @param {{colours: SignedColours}} view
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
