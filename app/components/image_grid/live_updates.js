// @ts-check
// Frames as they come: from the script, from the server's address, from the time machine.

/**
 * Shows a frame, whether the page's script or the server's address sent it.
 * @param {View} view
 * @param {Frame} frame
 */
function showFrame(view, { head, pixels }) {
  const before = view.head;
  view.head = head;
  view.frame = { head, pixels };
  fillMosaics(view, pixels);
  const style = readColours(view);
  const shape = JSON.stringify([
    head.class_names,
    head.lanes.map(lane => [lane.title, lane.images]),
    head.max_height,
    head.reserve,
    head.below,
    head.largest,
    head.subject,
    style.fontFamily,
    style.fontSize,
  ]);
  if (shape !== view.shape) {
    view.shape = shape;
    view.pointed = null;
    arrange(view);
  }
  /** @param {Head} head */
  const pickState = ({ picked, lanes }) =>
    JSON.stringify([picked, lanes.map(lane => [lane.name, lane.first])]);
  // unchanged, it stays as it is: a pending tick would undo a fresh click
  if (!before || pickState(head) !== pickState(before)) {
    const [name, label, image] = head.picked ?? ['', 0, 0];
    const lane = head.picked ? head.lanes.findIndex(other => other.name === name) : -1;
    view.picked = lane < 0 ? null : { lane, label, image: image - head.lanes[lane].first };
  }
  draw(view);
  showCaption(view, head);
  showLabel(view);
  view.canvas.dataset.iteration = String(head.iteration);
}

/**
 * Writes the sentences below the images; where they may not move what stands below them, as one line that is
 * always there, the rest of it on hover.
 * @param {View} view
 * @param {Head} head
 */
function showCaption({ caption }, { caption: sentences, below, captioned }) {
  const lines = !captioned ? [] : below ? [sentences.join(' \u00b7 ')] : sentences;
  caption.classList.toggle('cut', Boolean(below));
  caption.replaceChildren(...lines.map(line => element('div', '', line)));
  caption.title = below && captioned ? lines[0] : '';
}

/**
 * Shows frames of the time machine, until it lets go or the page's script answers.
 * @param {View} view
 * @param {Uint8Array} [packed]
 * @param {boolean} [over]
 */
function showStored(view, packed, over) {
  if (packed) {
    view.liveFrame ??= view.frame;
    showFrame(view, mergeFrame(view.liveFrame.head, unpackFrame(packed)));
  } else if (over && view.liveFrame) {
    const { liveFrame } = view;
    view.liveFrame = null;
    showFrame(view, liveFrame);
    if (liveFrame.head.source) refresh(view);
  }
}

/**
 * What a newer frame may change; the rest, such as what is opened, is the script's.
 * @param {Head} head
 * @param {{head: Partial<Head>, pixels: Uint8Array}} frame
 * @returns {Frame}
 */
function mergeFrame(head, frame) {
  const { iteration, alt, caption, class_names, lanes } = { ...head, ...frame.head };
  return { head: { ...head, iteration, alt, caption, class_names, lanes }, pixels: frame.pixels };
}

/**
 * Fetches the newest frame. At most one request at a time: the next starts when this frame is drawn.
 * @param {View} view
 * @returns {Promise<boolean>} whether a frame came, or the newest one is shown
 */
async function refresh(view) {
  if (view.fetching) {
    view.again = true;
    return true;
  }
  let done = false;
  view.fetching = true;
  const { source } = view.head;
  try {
    const answer = await fetchNewest(source, view.version);
    const bytes = await readBytes(answer);
    const frame = bytes && unpackFrame(bytes);
    done = Boolean(frame) || answer.status === 304;
    if (frame && !view.stopped && !view.liveFrame && source === view.head.source) {
      showFrame(view, mergeFrame(view.head, frame));
      view.version = versionOf(source, answer);
    }
  } catch {
    /* the server is away: the live line notifies again */
  }
  view.fetching = false;
  if (view.again && !view.stopped) {
    view.again = false;
    return refresh(view);
  }
  return done;
}
