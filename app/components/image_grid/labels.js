// @ts-check
// Class names and titles as elements, and from them the positions of the images.

const WIDE = 900; // CSS pixels of the window from which on columns stand beside each other
const PAGE_OF_WINDOW = 1.5; // height of a page of classes over that of a narrow window, which scrolls

/**
 * Puts labels in normal flow, with empty boxes where the images go: the browser wraps the text, we read the
 * boxes.
 * @param {View} view
 * @param {PagedLayout} layout
 */
function buildLabels(view, layout) {
  const { head, labels } = view;
  const begin = pageStart(view, layout);
  const names = head.class_names.slice(begin, begin + layout.classes);
  const blocks = [];
  /** @type {{node: HTMLElement, lane: number, label: number, columns: number, images: number, size: number}[]} */
  const boxes = [];
  /**
   * An empty box for images in so many columns.
   * @param {HTMLElement} parent
   * @param {number} lane
   * @param {number} label
   * @param {number} columns
   * @param {number} images
   */
  const addBox = (parent, lane, label, columns, images, size = layout.size) => {
    const node = element('div', '', '', parent);
    const step = size + GAP;
    node.style.cssText = `flex:none;width:${columns * step - GAP}px;height:${Math.ceil(images / columns) * step - GAP}px`;
    boxes.push({ node, lane, label, columns, images, size });
  };
  if ('lanes' in layout) {
    const table = element('div', 'lanes', '');
    table.style.gridTemplateColumns = [layout.name, ...layout.columns.map(({ width }) => width)]
      .map(width => `${width}px`)
      .join(' ');
    table.style.gridTemplateRows = 'auto'; // the titles
    table.style.gridAutoRows = `${layout.row}px`;
    element('div', '', '', table);
    for (const lane of head.lanes) element('div', 'title', lane.title, table);
    names.forEach((name, at) => {
      element('div', 'name', name, table);
      layout.columns.forEach(({ fit, size }, index) =>
        addBox(element('div', 'class', '', table), index, begin + at, fit, head.lanes[index].images, size),
      );
    });
    blocks.push(table);
  } else if (layout.table) {
    const step = layout.size + GAP;
    for (let first = 0; first < names.length; first += layout.columns) {
      const band = element('div', 'table', '');
      const shown = Math.min(layout.columns, names.length - first);
      band.style.gridTemplateColumns = `${layout.title ? layout.title + 'px ' : ''}repeat(${layout.columns}, ${layout.cell}px)`;
      if (layout.title) element('div', '', '', band);
      for (let i = 0; i < layout.columns; i++)
        element('div', 'name', i < shown ? names[first + i] : '', band);
      head.lanes.forEach((lane, index) => {
        if (head.lanes.length > 1) element('div', layout.title ? 'title' : 'title above', lane.title, band);
        for (let i = 0; i < layout.columns; i++) {
          const cell = element('div', '', '', band);
          cell.style.cssText = `height:${Math.max(step, layout.title ? layout.row : 0)}px;align-items:center;display:flex;justify-content:center`;
          if (i < shown) addBox(cell, index, begin + first + i, 1, 1);
        }
      });
      blocks.push(band);
    }
  } else {
    head.lanes.forEach((lane, index) => {
      const block = element('div', 'lane', '');
      if (head.lanes.length > 1) element('div', 'title', lane.title, block);
      const columns = Math.ceil(lane.images / Math.ceil(lane.images / layout.fit)) || 1;
      const list = element('div', 'list', '', block);
      if (layout.across > 1)
        list.style.cssText = `display:grid;grid-template-columns:repeat(${layout.across}, minmax(0, 1fr));column-gap:${APART}px;align-items:end`;
      names.forEach((name, at) => {
        const row = element('div', layout.beside ? 'class beside' : 'class above', '', list);
        const text = element('div', 'name', name, row);
        if (layout.beside) text.style.width = `${layout.name}px`;
        addBox(row, index, begin + at, columns, lane.images);
      });
      blocks.push(block);
    });
  }
  labels.replaceChildren(...blocks);
  const origin = labels.getBoundingClientRect();
  view.cells = boxes.flatMap(({ node, lane, label, columns, images, size }) => {
    const area = node.getBoundingClientRect();
    const left = area.left - origin.left;
    const top = area.top - origin.top;
    return Array.from({ length: images }, (_, image) => ({
      lane,
      label,
      image,
      size,
      x: left + (image % columns) * (size + GAP),
      y: top + Math.floor(image / columns) * (size + GAP),
    }));
  });
}

/**
 * Lays everything out: only when names, counts, width or window change.
 * @param {View} view
 */
function arrange(view) {
  const width = Math.floor(view.root.clientWidth);
  if (!width || !view.head) return; // hidden: drawn when the observer reports a width
  const style = getComputedStyle(view.root);
  const pen = contextOf(view.canvas);
  /** @param {string} text */
  const measure = (text, weight = 400) => {
    pen.font = `${weight} ${style.fontSize} ${style.fontFamily}`;
    return Math.ceil(pen.measureText(text).width);
  };
  const line = 1.25 * parseFloat(style.fontSize);
  const room = roomInSight(view);
  const layout = plan(view.head, width, measure, { ...room, line });
  if (!layout) return;
  view.layout = layout;
  buildLabels(view, layout);
  showPager(view);
  const height = Math.ceil(view.labels.getBoundingClientRect().height);
  // what stands beside a grid that is to be in sight may be as high as its room
  const used = height + (isPaged(view) ? PAGER : 0);
  const spare = room.height === null ? 0 : Math.max(0, Math.floor(Math.max(LOWEST, room.height) - used));
  view.caption.style.marginBottom = `${spare}px`;
  const ratio = window.devicePixelRatio || 1;
  Object.assign(view.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  Object.assign(view.canvas.style, { width: `${width}px`, height: `${height}px` });
  view.arrangedAt = placeOf(view);
}

/**
 * Place of a grid on the page, from the page's top: what its layout depends on.
 * @param {View} view
 */
function placeOf({ root, head }) {
  const page = document.querySelector('[data-testid="stMain"]');
  const top = Math.round(root.getBoundingClientRect().top + (page?.scrollTop ?? 0));
  const place = [Math.floor(root.clientWidth), window.innerHeight, window.devicePixelRatio || 1];
  return [...place, head?.below ? top : 0].join();
}

/**
 * CSS pixels of height with which a grid is in sight together with what stands below it, and of a page of its
 * classes. A narrow window scrolls: there its own `max_height` and `reserve` decide on the images' size.
 * @param {View} view
 */
function roomInSight(view) {
  const { below } = view.head;
  if (!below) return { height: null, page: null };
  if (window.innerWidth < WIDE) return { height: null, page: PAGE_OF_WINDOW * window.innerHeight };
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const height = window.innerHeight - Number(placeOf(view).split(',')[3]) - below * rem;
  return { height, page: height };
}
