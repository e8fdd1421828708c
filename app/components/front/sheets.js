// @ts-check
// The two sheets of pictures: their decoding, and the real images, which stand still.

/**
 * Decodes the two sheets of a recording.
 * @param {RecordingHead} head
 * @param {Uint8Array} bytes
 * @returns {Promise<Sheets>}
 */
async function decodeSheets(head, bytes) {
  /** @param {Uint8Array} file */
  const decode = file => createImageBitmap(new Blob([file.slice()], { type: 'image/webp' }));
  const [real, frames] = await Promise.all([
    decode(bytes.subarray(0, head.real)),
    decode(bytes.subarray(head.real, head.real + head.frames)),
  ]);
  return { real, frames };
}

/**
 * Draws as many whole rows of the sheet as the canvas is high.
 * @param {FrontView} view
 */
function drawReal({ real, sheets, head }) {
  const { context: pen, width, height } = fitCanvas(real);
  if (!sheets || !width) return;
  const side = sheets.real.width / head.real_columns;
  const rows = Math.min(Math.round(height / (width / head.real_columns)), sheets.real.height / side);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(sheets.real, 0, 0, sheets.real.width, rows * side, 0, 0, width, height);
  const shown = grouped(Math.round(rows * head.real_columns));
  find(/** @type {HTMLElement} */ (real.parentElement), '.shown').textContent = `${shown} shown`;
}
