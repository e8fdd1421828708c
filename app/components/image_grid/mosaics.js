// @ts-check
// Frames, and their pixels as canvases that images are copied from: a mosaic per lane, close to a square, because
// a browser's canvas is limited in each direction.

/**
 * Splits a packed frame.
 * @param {Uint8Array} data
 * @returns {{head: Head, pixels: Uint8Array, text: string}}
 */
function unpackFrame(data) {
  /** @type {ReturnType<typeof unpack<Omit<Head, 'lanes'> & {lanes: PackedLane[]}>>} */
  const { head, ...rest } = unpack(data);
  const lanes = head.lanes.map(({ pixels: [classes, images, channels, height, width], of, ...lane }) => {
    const columns = Math.ceil(Math.sqrt(classes * images)) || 1;
    return { ...lane, of: of ?? images, images, channels, height, width, columns };
  });
  return { head: { ...head, lanes }, ...rest };
}

/**
 * Colours signed levels: 128 is neutral, less goes to blue, more to orange.
 * @param {Uint32Array} abgr grey
 * @param {CSSStyleDeclaration} style of the grid
 */
function colourSigned(abgr, style) {
  const [minus, zero, plus] = ['minus', 'zero', 'plus'].map(end => {
    const colour = parseInt(property(style, `--signed-${end}`).slice(1), 16);
    return [colour >> 16, (colour >> 8) & 255, colour & 255];
  });
  const colours = Uint32Array.from({ length: 256 }, (_, level) => {
    const share = Math.min(1, Math.abs(level - 128) / 127);
    const end = level < 128 ? minus : plus;
    const [red, green, blue] = zero.map((from, at) => Math.round(from + (end[at] - from) * share));
    return 0xff000000 | (blue << 16) | (green << 8) | red;
  });
  for (let at = 0; at < abgr.length; at++) abgr[at] = colours[abgr[at] & 255];
}

/**
 * Draws the pixels of a frame into one off-screen canvas per lane.
 * @param {View} view
 * @param {Uint8Array} pixels of each lane [class, image, channel, height, width]
 */
function fillMosaics(view, pixels) {
  let start = 0;
  view.sources = view.head.lanes.map((lane, index) => {
    const { columns, channels } = lane;
    const cells = lane.images * view.head.class_names.length;
    const width = columns * lane.width;
    const height = Math.ceil(cells / columns) * lane.height;
    const source = view.sources[index] ?? document.createElement('canvas');
    if (source.width !== width || source.height !== height) Object.assign(source, { width, height });
    if (!cells) return source;
    const context = contextOf(source);
    const image = context.createImageData(width, height);
    const abgr = new Uint32Array(image.data.buffer);
    const images = { ...lane, pixels: pixels.subarray(start) };
    for (let cell = 0; cell < cells; cell++) {
      const corner = Math.floor(cell / columns) * lane.height * width + (cell % columns) * lane.width;
      writeImage(images, cell, abgr, corner, width);
    }
    if (lane.signed) colourSigned(abgr, getComputedStyle(view.root));
    context.putImageData(image, 0, 0);
    start += cells * channels * lane.height * lane.width;
    return source;
  });
}
