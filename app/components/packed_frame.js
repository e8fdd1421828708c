// @ts-check
// Decoding of the bytes that Python sends: a header as JSON, then pixels. First part of the image grid, the star
// map, the timeline and the drawing pad.

/**
 * Splits [u32 length of the header, little-endian][header as JSON][uint8 pixels].
 * @template Head
 * @param {Uint8Array} data
 * @returns {{head: Head, pixels: Uint8Array, text: string}} `text` is the header, to see whether it changed.
 */
function unpack(data) {
  const bytes = data.slice();
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  return { head: JSON.parse(text), pixels: bytes.subarray(4 + length), text };
}

/**
 * Splits a film, [u32 length, little-endian][frame] for each stored iteration.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
function* splitFilm(bytes) {
  const numbers = new DataView(bytes.buffer, bytes.byteOffset);
  for (let start = 0, length; start < bytes.length; start += 4 + length) {
    length = numbers.getUint32(start, true);
    yield bytes.subarray(start + 4, start + 4 + length);
  }
}

/**
 * Writes an image into the pixels of a canvas, as 0xAABBGGRR.
 * @param {ImagePixels} images
 * @param {number} index of the image
 * @param {Uint32Array} abgr
 * @param {number} [corner] where its first pixel is there
 * @param {number} [stride] pixels of a row there
 */
function writeImage({ pixels, channels, height, width }, index, abgr, corner = 0, stride = width) {
  const green = channels === 3 ? height * width : 0;
  const blue = 2 * green;
  let red = index * channels * height * width;
  for (let row = corner; row < corner + height * stride; row += stride)
    for (let at = row; at < row + width; at++, red++)
      abgr[at] = 0xff000000 | (pixels[red + blue] << 16) | (pixels[red + green] << 8) | pixels[red];
}
