// @ts-check
// Layout solver: how large images are, and how they are arranged in the width and height there is.
const GAP = 3; // CSS pixels between images
const APART = 18; // CSS pixels between classes side by side
const BETWEEN = 6; // CSS pixels between classes below each other, where lanes are side by side
const SMALLEST = 12; // CSS pixels of an image where all are to be in sight
const SMALLEST_SCROLLED = 24; // CSS pixels of an image in a narrow window, which scrolls
const LOWEST = 220; // CSS pixels of height that a grid takes in any window
const WIDEST_NAME = 170; // CSS pixels of a name on one line at most
const PAGER = 36; // CSS pixels of the line that turns the pages
const MOST_ACROSS = 6; // classes side by side, where one has several images
const ALONG_ONE_ROW = 0.8; // size of images along one row over that of larger ones that have to wrap

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
  const names = namesOf(head.class_names, measured);
  let layout = planClasses(head, width, measured, names, room, classes);
  const { height, page } = room;
  if (!layout || page === null || layout.height <= Math.max(LOWEST, page))
    return layout && { ...layout, classes };
  const paged = Math.max(LOWEST, page) - PAGER;
  const rest = { ...room, page: paged, height: height === null ? null : Math.max(LOWEST, height) - PAGER };
  let shown = classes;
  for (let pages = 2; shown > 1 && layout.height > paged; pages++) {
    if (Math.ceil(classes / pages) === shown) continue;
    shown = Math.ceil(classes / pages);
    layout = planClasses(head, width, measured, names, rest, shown) ?? layout;
  }
  return { ...layout, classes: shown };
}

/**
 * Measures the names once: every candidate asks how many lines they take.
 * @param {string[]} names
 * @param {Measure} measure
 * @returns {Names}
 */
function namesOf(names, measure) {
  const space = measure(' ');
  const words = names.map(name => name.split(/\s+/).map(word => measure(word)));
  /** @type {Map<number, number>} */
  const known = new Map();
  /** @param {number} width */
  const count = width => {
    const room = Math.max(1, width);
    let most = 1;
    for (const name of words) {
      let [lines, used] = [1, 0];
      for (const word of name) {
        const behind = used ? used + space + word : word;
        if (behind > room && used) lines++;
        used = behind > room ? word : behind;
        if (used > room) lines += Math.ceil(used / room) - 1; // it breaks inside
      }
      most = Math.max(most, lines);
    }
    return most;
  };
  return {
    widest: Math.max(...names.map(name => measure(name))),
    longestWord: Math.min(
      110,
      Math.max(...names.flatMap(name => name.split(/[\s_-]+/).map(part => measure(part)))),
    ),
    lines: width => {
      const lines = known.get(width) ?? count(width);
      known.set(width, lines);
      return lines;
    },
  };
}

/**
 * Finds the largest image size whose estimated height fits. Every candidate is a complete layout, so the text
 * counts as well.
 * @param {PlannedHead} head
 * @param {number} width CSS pixels
 * @param {Measure} measure
 * @param {Names} names of all classes: those of any may be the longest
 * @param {Room} room what the page leaves
 * @param {number} classes so many of them
 * @returns {Layout | null} null where there is nothing to show
 */
function planClasses(head, width, measure, names, { height, page, line }, classes) {
  const { lanes } = head;
  const total = lanes.reduce((sum, lane) => sum + lane.images, 0) * classes;
  const comfortable = total <= 100 ? 40 : total <= 1000 ? 24 : 16;
  const scrolled = page === null ? comfortable : SMALLEST_SCROLLED;
  const smallest = Math.min(width - GAP, height === null ? scrolled : SMALLEST);
  const reserved = head.reserve === null ? window.innerHeight * 0.36 : head.reserve;
  const budget = Math.max(LOWEST - PAGER, height ?? Math.min(head.max_height, window.innerHeight - reserved));
  const table = lanes.every(lane => lane.images === 1);
  const longestTitle = Math.max(0, ...lanes.map(lane => measure(lane.title, 600))) + 14;
  const mostImages = Math.max(...lanes.map(lane => lane.images));
  // titles on one line, on two, above
  const titles = lanes.length > 1 ? [longestTitle, Math.ceil(longestTitle * 0.64), 0] : [0];
  /** @type {(TableLayout | BlockLayout)[]} */
  const candidates = [];
  const nameWidth = Math.min(names.widest, width * 0.3, WIDEST_NAME) + 12;
  /** @param {number} size */
  const considerTables = size => {
    for (const title of titles) {
      const least = Math.max(size + GAP, names.longestWord + 8);
      const most = Math.min(classes, Math.floor((width - title) / least));
      if (most < 1) continue;
      const bands = Math.ceil(classes / most);
      const columns = Math.ceil(classes / bands);
      // each line less of the names is room for the images
      const cell = Math.max(
        least,
        Math.min(names.widest, WIDEST_NAME, Math.floor((width - title) / columns - 8)) + 8,
      );
      const namesHeight = names.lines(cell - 6) * line + 4;
      const row =
        Math.max(size + GAP, title && title < longestTitle ? 2 * line + GAP : 0) +
        (title || lanes.length === 1 ? 0 : line + 8);
      candidates.push({
        table: true,
        size,
        cell,
        row,
        title,
        columns,
        height: bands * (namesHeight + lanes.length * row + APART) - APART,
      });
    }
  };
  /**
   * @param {number} size
   * @param {number} across
   * @param {boolean} beside whether names stand beside their images
   */
  const considerBlocks = (size, across, beside) => {
    const block = (width - (across - 1) * APART) / across;
    const room = beside ? block - nameWidth : block;
    const mostAcross = Math.min(mostImages, Math.floor((room + GAP) / (size + GAP)));
    // as many lines as must be, evenly filled
    const fit = mostAcross && Math.ceil(mostImages / Math.ceil(mostImages / mostAcross));
    if (fit < 1 || (across > 1 && room < names.longestWord)) return;
    const namesHeight = names.lines(beside ? nameWidth - 12 : block) * line;
    /** @param {Lane} lane */
    const heightOf = lane => {
      const images = Math.ceil(lane.images / fit) * (size + GAP) - GAP;
      const each = beside ? Math.max(namesHeight, images) + 7 : namesHeight + images + 14;
      return (lanes.length > 1 ? line + 6 : 0) + Math.ceil(classes / across) * each;
    };
    candidates.push({
      table: false,
      size,
      across,
      beside,
      name: nameWidth,
      fit,
      height: lanes.reduce((sum, lane) => sum + heightOf(lane), (lanes.length - 1) * 20),
    });
  };
  /** @param {number} size */
  const consider = size => {
    if (table) considerTables(size);
    else
      for (let across = 1; across <= Math.min(classes, MOST_ACROSS); across++)
        for (const beside of [true, false]) considerBlocks(size, across, beside);
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
      : !lowest.table &&
        candidate.across === lowest.across &&
        candidate.beside === lowest.beside &&
        candidate.fit === lowest.fit;
  for (const times of height === null ? [1, 1.5, 2, 3, 4] : [1]) {
    // a narrow page scrolls anyway
    const sideBySide = planLanes(head, width - nameWidth, times * budget, line, measure, classes);
    if (sideBySide) return { ...sideBySide, name: nameWidth };
  }
  /** @param {number} most CSS pixels of height */
  const largestWithin = most => candidates.find(candidate => candidate.height <= most);
  // where nothing fits the page scrolls anyway: then the images of the lowest layout fill its width, except
  // where a page of classes is to be as high as there is room
  const fallback = page === null && height === null ? candidates.find(sameForm) : lowest;
  let layout = largestWithin(budget) ?? largestWithin(page ?? 0) ?? fallback;
  const ratio = window.devicePixelRatio || 1;
  if (!layout || !lanes.length) return null;
  // lanes and classes are compared along one row: that is worth smaller images, where they are still large
  const least = table ? Math.max(40, 0.6 * layout.size) : ALONG_ONE_ROW * layout.size;
  const limit = Math.max(budget, layout.height);
  const oneRow = candidates.find(
    candidate =>
      candidate.height <= limit &&
      candidate.size >= least &&
      (candidate.table ? lanes.length > 1 && candidate.columns === classes : candidate.fit === mostImages),
  );
  layout = oneRow ?? layout;
  const { width: imageWidth, height: imageHeight } = lanes[0];
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
