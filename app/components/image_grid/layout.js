// @ts-check
// Layout solver: how large images are, and how they are arranged in the width and height there is.
const GAP = 3; // CSS pixels between images
const APART = 18; // CSS pixels between classes side by side

/**
 * Finds the largest image size whose estimated height fits. Every candidate is a complete layout, so the text
 * counts as well.
 * @param {Pick<Head, 'lanes' | 'class_names' | 'max_height' | 'reserve' | 'largest'>} head
 * @param {number} width CSS pixels
 * @param {(text: string, weight?: number) => number} measure width of a text
 * @returns {Layout | null} null where there is nothing to show
 */
function plan(head, width, measure) {
  const classes = head.class_names.length;
  const total = head.lanes.reduce((sum, lane) => sum + lane.images, 0) * classes;
  const smallest = Math.min(width - GAP, total <= 100 ? 40 : total <= 1000 ? 24 : 16);
  const budget = Math.max(
    220,
    Math.min(
      head.max_height,
      head.reserve === null ? window.innerHeight * 0.64 : window.innerHeight - head.reserve,
    ),
  );
  const table = head.lanes.every(lane => lane.images === 1);
  const widestName = Math.max(...head.class_names.map(name => measure(name)));
  const longestWord = Math.min(
    110,
    Math.max(...head.class_names.flatMap(name => name.split(/[\s_-]+/).map(part => measure(part)))),
  );
  const longestTitle = Math.max(0, ...head.lanes.map(lane => measure(lane.title, 600))) + 14;
  const mostImages = Math.max(...head.lanes.map(lane => lane.images));
  // titles on one line, on two, above
  const titles = head.lanes.length > 1 ? [longestTitle, Math.ceil(longestTitle * 0.64), 0] : [0];
  /** @type {Layout[]} */
  const candidates = [];
  const nameWidth = Math.min(widestName, width * 0.3, 170) + 12;
  /** @param {number} size */
  const consider = size => {
    for (const title of table ? titles : []) {
      const cell = Math.max(size + GAP, longestWord + 8);
      const columns = Math.min(classes, Math.floor((width - title) / cell));
      if (columns < 1) continue;
      const bands = Math.ceil(classes / columns);
      const headHeight = 22 + (widestName + 8 > cell ? 20 : 0);
      const row =
        Math.max(size + GAP, title && title < longestTitle ? 43 : 0) +
        (title || head.lanes.length === 1 ? 0 : 28);
      candidates.push({
        table: true,
        size,
        cell,
        row,
        title,
        columns: Math.ceil(classes / bands),
        height: bands * (headHeight + head.lanes.length * row + 18),
      });
    }
    for (let across = 0; !table && across <= Math.min(classes, 6); across++) {
      const room = across ? (width - (across - 1) * APART) / across : width - nameWidth;
      const mostAcross = Math.min(mostImages, Math.floor((room + GAP) / (size + GAP)));
      // as many lines as must be, evenly filled; side by side only where a class is one row
      const fit = mostAcross && Math.ceil(mostImages / Math.ceil(mostImages / mostAcross));
      if (fit < 1 || (across > 1 && (room < longestWord || fit < mostImages))) continue;
      /** @param {Lane} lane */
      const height = lane =>
        46 +
        Math.ceil(classes / (across || 1)) *
          (Math.ceil(lane.images / fit) * (size + GAP) + (across ? 34 : 7));
      candidates.push({
        table: false,
        size,
        across,
        name: nameWidth,
        fit,
        height: head.lanes.reduce((sum, lane) => sum + height(lane), 0),
      });
    }
  };
  for (let size = Math.min(head.largest, width - GAP); size > smallest; size -= 2) consider(size);
  consider(smallest);
  const lowest = candidates
    .filter(candidate => candidate.size === smallest)
    .sort((a, b) => a.height - b.height)[0];
  /** @param {Layout} candidate */
  const sameForm = candidate =>
    candidate.table
      ? lowest.table && candidate.columns === lowest.columns && candidate.title === lowest.title
      : !lowest.table && candidate.across === lowest.across && candidate.fit === lowest.fit;
  // where nothing fits the page scrolls anyway: then the images of the lowest layout fill its width
  let layout = candidates.find(candidate => candidate.height <= budget) ?? candidates.find(sameForm);
  const ratio = window.devicePixelRatio || 1;
  if (!layout || !head.lanes.length) return null;
  if (layout.table && layout.columns < classes && head.lanes.length > 1) {
    // lanes are compared along one row: that is worth smaller images, where they are still large
    const least = Math.max(40, 0.6 * layout.size);
    const oneRow = candidates.find(
      candidate =>
        candidate.table &&
        candidate.columns === classes &&
        candidate.height <= budget &&
        candidate.size >= least,
    );
    layout = oneRow ?? layout;
  }
  const { width: imageWidth, height: imageHeight } = head.lanes[0];
  const side = Math.max(imageWidth, imageHeight);
  const even = (Math.floor((layout.size * ratio) / side) * side) / ratio; // every pixel drawn equally wide
  if (even >= Math.max(smallest, 0.84 * layout.size)) layout.size = even;
  return layout;
}
