// @ts-check
// Pictures of the averaging: a mean of images, an image, and a signed difference in one colour scale.

/**
 * Mean of the first images, in levels of 255.
 * @param {ImagePixels} images
 * @param {number} count
 */
function meanOf({ pixels, channels, height, width }, count) {
  const size = channels * height * width;
  const mean = new Float64Array(size);
  for (let at = 0; at < count * size; at++) mean[at % size] += pixels[at] / count;
  return mean;
}

/**
 * Draws one image of these levels, pixel by pixel.
 * @param {HTMLCanvasElement} canvas
 * @param {ImagePixels} shape
 * @param {ArrayLike<number>} levels [channel, height, width]
 */
function drawImage(canvas, { channels, height, width }, levels) {
  drawPixels(canvas, height, width, at => {
    const green = channels === 3 ? height * width : 0;
    return [levels[at], levels[at + green], levels[at + 2 * green]];
  });
}

/**
 * Draws how much an image is lighter (plus) or darker than another; of colour images the mean over channels.
 * @param {HTMLCanvasElement} canvas
 * @param {ImagePixels} image
 * @param {ImagePixels} other
 * @param {number} reach
 * @param {number[][]} scale
 */
function drawDifference(canvas, image, other, reach, scale) {
  const { channels, height, width } = image;
  drawPixels(canvas, height, width, at => {
    let difference = 0;
    for (let channel = 0; channel < channels; channel++) {
      const pixel = at + channel * height * width;
      difference += (image.pixels[pixel] - other.pixels[pixel]) / channels;
    }
    return signedColour(difference, reach, scale);
  });
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} height
 * @param {number} width
 * @param {(at: number) => number[]} colourAt red, green and blue of a pixel
 */
function drawPixels(canvas, height, width, colourAt) {
  Object.assign(canvas, { width, height });
  const context = contextOf(canvas);
  const image = context.createImageData(width, height);
  for (let at = 0; at < height * width; at++) image.data.set([...colourAt(at), 255], 4 * at);
  context.putImageData(image, 0, 0);
}

/**
 * Red, green and blue of a colour of the theme, as the browser resolved it.
 * @param {HTMLElement} node
 */
const channelsOf = node => (getComputedStyle(node).color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
