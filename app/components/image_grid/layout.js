// @ts-check
// Layout solver: how large images are, and how they are arranged in the width and height there is.
const GAP = 3; // CSS pixels between images
const APART = 18; // CSS pixels between classes side by side
const BETWEEN = 6; // CSS pixels between classes below each other, where lanes are side by side
const SMALLEST = 12; // CSS pixels of an image where all are to be in sight
const LOWEST = 220; // CSS pixels of height that a grid takes in any window
const PAGER = 36; // CSS pixels of the line that turns the pages

/**
 * Finds the layout of all classes; where the page has no room for them, of as many as it has, in pages of about
 * equal numbers.
 * @param {PlannedHead} head
 * @param {number} width CSS pixels
 * @param {Measure} measure
 * @param {Room} [room] what the page leaves
 * @returns {PagedLayout | null} null where there is nothing to show
 */
function plan(head, width, measure, room = { height: null, page: null, line: 20 }) {
  const classes = head.class_names.length;
  /** @type {Map<string, number>} */
  const widths = new Map();
  /** @type {Measure} */
  const measured = (text, weight = 400) => {
    const key = `${weight} ${text}`;
    const known = widths.get(key) ?? measure(text, weight);
    widths.set(key, known);
    return known;
  };
  let layout = planClasses(head, width, measured, room, classes);
  const { height, page } = room;
  if (!layout || page === null || layout.height <= Math.max(LOWEST, page))
    return layout && { ...layout, classes };
  const rest = { ...room, height: height === null ? null : Math.max(LOWEST, height) - PAGER };
  let shown = classes;
  for (let pages = 2; shown > 1 && layout.height > Math.max(LOWEST, page) - PAGER; pages++) {
    if (Math.ceil(classes / pages) === shown) continue;
    shown = Math.ceil(classes / pages);
    layout = planClasses(head, width, measured, rest, shown) ?? layout;
  }
  return { ...layout, classes: shown };
}

/**
 * Finds the largest image size whose estimated height fits. Every candidate is a complete layout, so the text
 * counts as well.
 * @param {PlannedHead} head
 * @param {number} width CSS pixels
 * @param {Measure} measure
 * @param {Room} room what the page leaves
 * @param {number} classes so many of them; of the names of all, those of any may be the longest
 * @returns {Layout | null} null where there is nothing to show
 */
function planClasses(head, width, measure, { height, line }, classes) {
  const total = head.lanes.reduce((sum, lane) => sum + lane.images, 0) * classes;
  const comfortable = total <= 100 ? 40 : total <= 1000 ? 24 : 16;
  const smallest = Math.min(width - GAP, height === null ? comfortable : SMALLEST);
  const reserved = head.reserve === null ? window.innerHeight * 0.36 : head.reserve;
  const budget = Math.max(LOWEST - PAGER, height ?? Math.min(head.max_height, window.innerHeight - reserved));
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
  /** @type {(TableLayout | BlockLayout)[]} */
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
        (head.lanes.length > 1 ? 46 : 18) +
        Math.ceil(classes / (across || 1)) *
          (Math.max(across ? 0 : line, Math.ceil(lane.images / fit) * (size + GAP) - GAP) +
            (across ? 34 : 7));
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
  /** @param {TableLayout | BlockLayout} candidate */
  const sameForm = candidate =>
    candidate.table
      ? lowest.table && candidate.columns === lowest.columns && candidate.title === lowest.title
      : !lowest.table && candidate.across === lowest.across && candidate.fit === lowest.fit;
  for (const times of height === null ? [1, 1.5, 2, 3, 4] : [1]) {
    // a narrow page scrolls anyway
    const lanes = planLanes(head, width - nameWidth, times * budget, line, measure, classes);
    if (lanes) return { ...lanes, name: nameWidth };
  }
  // where nothing fits the page scrolls anyway: then the images of the lowest layout fill its width, except
  // where as many as possible are to be in sight
  const fallback = height === null ? candidates.find(sameForm) : lowest;
  let layout = candidates.find(candidate => candidate.height <= budget) ?? fallback;
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

/**
 * Lanes of different sizes side by side, a row per class: each has as many lines as it needs, images as large as
 * its lines allow, and so a width in proportion.
 * @param {Pick<Head, 'lanes' | 'largest'>} head
 * @param {number} width CSS pixels beside the names
 * @param {number} budget CSS pixels of height
 * @param {number} line CSS pixels of a line of text
 * @param {Measure} measure
 * @param {number} classes
 * @returns {Omit<LanesLayout, 'name'> | null} the one whose smallest images are the largest; null: none fits
 */
function planLanes({ lanes, largest }, width, budget, line, measure, classes) {
  if (new Set(lanes.map(lane => lane.images)).size < 2) return null;
  /** Width of a title on one line, and of its longest word. @param {string} title */
  const widthsOf = title =>
    [[title], title.split(/\s+/)].map(parts => Math.max(...parts.map(part => measure(part, 600))) + 2);
  const room = width - lanes.length * APART; // one of them behind the names
  const highest = Math.min(largest + BETWEEN, Math.floor((budget - line) / classes));
  /** @type {Omit<LanesLayout, 'name'> | null} */
  let best = null;
  for (let row = highest; row >= Math.max(line, SMALLEST + BETWEEN); row--) {
    for (const wrapped of [0, 1]) {
      const leasts = lanes.map(({ title }) => widthsOf(title)[wrapped]);
      const columns = columnsInRow(lanes, leasts, row - BETWEEN, room);
      if (!columns) continue;
      const titles = Math.max(
        ...columns.map(({ width }, lane) => {
          const whole = widthsOf(lanes[lane].title)[0];
          return whole <= width ? 1 : Math.ceil((1.3 * whole) / width);
        }),
      );
      const height = titles * line + BETWEEN + classes * row;
      const size = Math.min(...columns.map(column => column.size));
      if (height <= budget && size > (best?.size ?? 0)) best = { lanes: true, size, row, columns, height };
    }
  }
  return best;
}

/**
 * Lines for each lane, as few as fit the width: the widest lane gets another one until they do.
 * @param {Pick<Lane, 'images'>[]} lanes
 * @param {number[]} leasts width that a lane's title needs
 * @param {number} height CSS pixels of a class
 * @param {number} room CSS pixels for all lanes
 * @returns {LaneColumn[] | null}
 */
function columnsInRow(lanes, leasts, height, room) {
  const lines = lanes.map(() => 1);
  const most = Math.floor(room / (2 * lanes.length)); // a single image leaves room for the other lanes
  /** @param {number} count */
  const sizeIn = count => Math.min(most, Math.floor((height + GAP) / count) - GAP);
  for (;;) {
    const columns = lanes.map(({ images }, lane) => {
      const size = sizeIn(lines[lane]);
      const fit = Math.ceil(images / lines[lane]);
      return { fit, size, width: Math.max(leasts[lane], fit * (size + GAP) - GAP) };
    });
    if (columns.reduce((sum, column) => sum + column.width, 0) <= room) return columns;
    const splittable = columns.map(({ fit, width }, lane) =>
      fit > 1 && sizeIn(lines[lane] + 1) >= SMALLEST ? width : 0,
    );
    const widest = splittable.indexOf(Math.max(...splittable));
    if (!splittable[widest]) return null;
    lines[widest]++;
  }
}
