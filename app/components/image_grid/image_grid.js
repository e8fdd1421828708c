// The browser's half of image_grid.py: unpack, lay out, draw, report a pick; fetch newer frames when a live line has
// news. The function at the end runs on every update with the same parentElement, so state lives in `views`.
const views = new WeakMap();
const GAP = 3,
  APART = 18;

function unpack(data) {
  const bytes = data.slice(),
    length = new DataView(bytes.buffer).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  return { head: JSON.parse(text), pixels: bytes.subarray(4 + length), text };
}

/** The arrived pixels -> one off-screen canvas per lane. */
function fillMosaics(view, pixels) {
  let start = 0;
  view.sources = view.head.lanes.map((lane, index) => {
    const cells = lane.images * view.head.classes.length;
    const width = lane.columns * lane.width,
      height = Math.ceil(cells / lane.columns) * lane.height;
    const source = view.sources[index] ?? document.createElement('canvas');
    if (source.width !== width || source.height !== height) Object.assign(source, { width, height });
    if (!cells) return source;
    const context = source.getContext('2d'),
      image = context.createImageData(width, height);
    const words = new Uint32Array(image.data.buffer),
      count = width * height;
    if (lane.channels === 1)
      for (let i = 0; i < count; i++) words[i] = 0xff000000 | (pixels[start + i] * 0x010101);
    else
      for (let i = 0, j = start; i < count; i++, j += 3)
        words[i] = 0xff000000 | (pixels[j + 2] << 16) | (pixels[j + 1] << 8) | pixels[j];
    context.putImageData(image, 0, 0);
    start += count * lane.channels;
    return source;
  });
}

const element = (name, text, parent) => {
  const node = document.createElement('div');
  node.className = name;
  node.textContent = text; // text, never HTML: names come from people's folders
  parent?.append(node);
  return node;
};

// The largest image size whose estimated height fits; every candidate is a whole plan, so text decides as well.
function plan(head, width, measure) {
  const classes = head.classes.length,
    total = head.lanes.reduce((sum, lane) => sum + lane.images, 0) * classes;
  const smallest = Math.min(width - GAP, total <= 100 ? 40 : total <= 1000 ? 24 : 16);
  const budget = Math.max(
    220,
    Math.min(
      head.maxHeight,
      head.reserve === null ? window.innerHeight * 0.64 : window.innerHeight - head.reserve,
    ),
  );
  const table = head.lanes.every(lane => lane.images === 1);
  const widest = Math.max(...head.classes.map(name => measure(name)));
  const word = Math.min(
    110,
    Math.max(...head.classes.flatMap(name => name.split(/[\s_-]+/).map(part => measure(part)))),
  );
  const long = Math.max(0, ...head.lanes.map(lane => measure(lane.title, 600))) + 14,
    most = Math.max(...head.lanes.map(lane => lane.images));
  const titles = head.lanes.length > 1 ? [long, Math.ceil(long * 0.64), 0] : [0]; // on one line, on two, above
  const candidates = [],
    name = Math.min(widest, width * 0.3, 170) + 12;
  const consider = size => {
    for (const title of table ? titles : []) {
      const cell = Math.max(size + GAP, word + 8),
        columns = Math.min(classes, Math.floor((width - title) / cell));
      if (columns < 1) continue;
      const bands = Math.ceil(classes / columns),
        head_ = 22 + (widest + 8 > cell ? 20 : 0);
      const row =
        Math.max(size + GAP, title && title < long ? 43 : 0) + (title || head.lanes.length === 1 ? 0 : 28);
      candidates.push({
        table,
        size,
        cell,
        row,
        title,
        columns: Math.ceil(classes / bands),
        height: bands * (head_ + head.lanes.length * row + 18),
      });
    }
    for (let across = 0; !table && across <= Math.min(classes, 6); across++) {
      // 0: the name beside its images
      const room = across ? (width - (across - 1) * APART) / across : width - name,
        wide = Math.min(most, Math.floor((room + GAP) / (size + GAP)));
      const fit = wide && Math.ceil(most / Math.ceil(most / wide)); // as many lines as must be, evenly filled
      if (fit < 1 || (across > 1 && (room < word || fit < most))) continue; // side by side only where a class is one row
      const rows = lane =>
        Math.ceil(classes / (across || 1)) *
        (Math.ceil(lane.images / fit) * (size + GAP) + (across ? 34 : 7));
      candidates.push({
        table,
        size,
        across,
        name,
        fit,
        height: head.lanes.reduce((sum, lane) => sum + 46 + rows(lane), 0),
      });
    }
  };
  for (let size = Math.min(head.largest, width - GAP); size > smallest; size -= 2) consider(size);
  consider(smallest);
  const least = candidates.filter(one => one.size === smallest).sort((a, b) => a.height - b.height)[0];
  const alike = one => ['columns', 'title', 'across', 'fit'].every(key => one[key] === least[key]);
  // where nothing fits the page scrolls anyway: then the images of the lowest plan fill its width
  let chosen = candidates.find(one => one.height <= budget) ?? candidates.find(alike);
  const ratio = window.devicePixelRatio || 1;
  if (!chosen || !head.lanes.length) return null;
  // lanes are compared along one row: that is worth smaller images, where they are still large
  const row =
    head.lanes.length > 1 &&
    candidates.find(
      one =>
        one.table &&
        one.columns === classes &&
        one.height <= budget &&
        one.size >= 40 &&
        one.size >= 0.6 * chosen.size,
    );
  if (chosen.table && chosen.columns < classes && row) chosen = row;
  const { width: w, height: h } = head.lanes[0],
    side = Math.max(w, h);
  const even = (Math.floor((chosen.size * ratio) / side) * side) / ratio; // every pixel drawn equally wide
  if (even >= Math.max(smallest, 0.84 * chosen.size)) chosen.size = even;
  return chosen;
}

// Labels in normal flow, with empty boxes where the images go: the browser wraps the text, we read the boxes.
function buildLabels(view, chosen) {
  const { head, labels } = view,
    { size } = chosen,
    step = size + GAP,
    fresh = [],
    boxes = [];
  const box = (parent, lane, label, columns, images) => {
    const node = element('', '', parent);
    node.style.cssText = `flex:none;width:${columns * step - GAP}px;height:${Math.ceil(images / columns) * step - GAP}px`;
    boxes.push({ node, lane, label, columns, images });
    return node;
  };
  if (chosen.table) {
    for (let first = 0; first < head.classes.length; first += chosen.columns) {
      const band = element('table', ''),
        shown = Math.min(chosen.columns, head.classes.length - first);
      band.style.gridTemplateColumns = `${chosen.title ? chosen.title + 'px ' : ''}repeat(${chosen.columns}, ${chosen.cell}px)`;
      if (chosen.title) element('', '', band);
      for (let i = 0; i < chosen.columns; i++)
        element('name', i < shown ? head.classes[first + i] : '', band);
      head.lanes.forEach((lane, index) => {
        if (head.lanes.length > 1) element(chosen.title ? 'title' : 'title above', lane.title, band);
        for (let i = 0; i < chosen.columns; i++) {
          const cell = element('', '', band);
          cell.style.cssText = `height:${Math.max(step, chosen.title ? chosen.row : 0)}px;align-items:center;display:flex;justify-content:center`;
          if (i < shown) box(cell, index, first + i, 1, 1);
        }
      });
      fresh.push(band);
    }
  } else {
    head.lanes.forEach((lane, index) => {
      const block = element('lane', '');
      if (head.lanes.length > 1) element('title', lane.title, block);
      const columns = Math.ceil(lane.images / Math.ceil(lane.images / chosen.fit)) || 1,
        list = element('list', '', block);
      if (chosen.across > 1)
        list.style.cssText = `display:grid;grid-template-columns:repeat(${chosen.across}, minmax(0, 1fr));column-gap:${APART}px;align-items:end`;
      head.classes.forEach((name, label) => {
        const row = element(chosen.across ? 'class above' : 'class beside', '', list),
          text = element('name', name, row);
        if (!chosen.across) text.style.width = `${chosen.name}px`;
        box(row, index, label, columns, lane.images);
      });
      fresh.push(block);
    });
  }
  labels.replaceChildren(...fresh);
  const origin = labels.getBoundingClientRect();
  view.cells = boxes.flatMap(({ node, lane, label, columns, images }) => {
    const place = node.getBoundingClientRect(),
      left = place.left - origin.left,
      top = place.top - origin.top;
    return Array.from({ length: images }, (_, image) => ({
      lane,
      label,
      image,
      x: left + (image % columns) * step,
      y: top + Math.floor(image / columns) * step,
    }));
  });
}

/** Only when names, counts, width or window change. */
function arrange(view) {
  const width = Math.floor(view.root.clientWidth);
  if (!width || !view.head) return; // hidden: drawn when the observer reports a width
  const style = getComputedStyle(view.root),
    pen = view.canvas.getContext('2d');
  const measure = (text, weight = 400) => {
    pen.font = `${weight} ${style.fontSize} ${style.fontFamily}`;
    return Math.ceil(pen.measureText(text).width);
  };
  const chosen = plan(view.head, width, measure);
  if (!chosen) return;
  view.size = chosen.size;
  buildLabels(view, chosen);
  const height = Math.ceil(view.labels.getBoundingClientRect().height),
    ratio = window.devicePixelRatio || 1;
  Object.assign(view.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  Object.assign(view.canvas.style, { width: `${width}px`, height: `${height}px` });
  view.arrangedAt = [width, window.innerHeight, ratio].join();
}

const same = (cell, chosen) =>
  chosen && cell.lane === chosen.lane && cell.label === chosen.label && cell.image === chosen.image;

function draw(view) {
  if (!view.cells) return;
  const pen = view.canvas.getContext('2d'),
    ratio = view.canvas.width / parseFloat(view.canvas.style.width);
  const { colour } = view,
    side = Math.round(view.size * ratio);
  pen.clearRect(0, 0, view.canvas.width, view.canvas.height);
  pen.imageSmoothingEnabled = false;
  for (const cell of view.cells) {
    const lane = view.head.lanes[cell.lane],
      at = cell.label * lane.images + cell.image;
    const scale = side / Math.max(lane.width, lane.height),
      w = Math.round(lane.width * scale),
      h = Math.round(lane.height * scale);
    const x = Math.round(cell.x * ratio),
      y = Math.round(cell.y * ratio);
    pen.drawImage(
      view.sources[cell.lane],
      (at % lane.columns) * lane.width,
      Math.floor(at / lane.columns) * lane.height,
      lane.width,
      lane.height,
      x,
      y,
      w,
      h,
    );
    const picked = same(cell, view.picked),
      pointed = same(cell, view.pointed);
    if (!picked && !pointed) continue;
    const line = Math.round((picked ? 3 : 2) * ratio);
    for (const [stroke, thick] of [
      [colour.backdrop, line + 2 * ratio],
      [picked ? colour.primary : colour.text, line],
    ]) {
      pen.strokeStyle = stroke;
      pen.lineWidth = thick;
      pen.strokeRect(x + line / 2, y + line / 2, w - line, h - line);
    }
  }
}

const describe = (view, cell) => {
  const { classes, lanes } = view.head,
    lane = lanes[cell.lane];
  return [
    classes[cell.label],
    lane.of > 1 && `image ${lane.first + cell.image + 1} of ${lane.of}`,
    lanes.length > 1 && lane.title,
  ]
    .filter(Boolean)
    .join(', ');
};

function point(view, cell) {
  if (view.pointed === cell) return;
  view.pointed = cell;
  view.canvas.title = cell ? describe(view, cell) : '';
  draw(view);
}

function pick(view, cell) {
  if (!cell || !view.head.pickable) return;
  view.picked = cell;
  draw(view);
  view.status.textContent = `${describe(view, cell)}: picked`;
  const lane = view.head.lanes[cell.lane];
  view.send('pick', { lane: lane.name, class: cell.label, image: lane.first + cell.image });
}

/** To the nearest image in the arrow's direction. */
function move(view, key) {
  const from = view.cells.find(cell => same(cell, view.pointed ?? view.picked));
  if (!from) return view.cells[0];
  const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  let best = from,
    least = Infinity;
  for (const cell of view.cells) {
    const ahead = (cell.x - from.x) * dx + (cell.y - from.y) * dy,
      aside = Math.abs((cell.x - from.x) * dy) + Math.abs((cell.y - from.y) * dx);
    if (ahead > 1 && ahead + 3 * aside < least && (dy || aside < view.size / 2))
      [best, least] = [cell, ahead + 3 * aside];
  }
  return best;
}

function mount(parent) {
  const find = query => parent.querySelector(query);
  const view = {
    root: find('.grid'),
    canvas: find('canvas'),
    labels: find('.labels'),
    status: find('p'),
    caption: find('.caption'),
    sources: [],
    picked: null,
    pointed: null,
  };
  const under = event => {
    const area = view.canvas.getBoundingClientRect(),
      x = event.clientX - area.left,
      y = event.clientY - area.top;
    return (
      view.cells?.find(
        cell => x >= cell.x && x < cell.x + view.size && y >= cell.y && y < cell.y + view.size,
      ) ?? null
    );
  };
  view.canvas.addEventListener('pointermove', event => {
    const cell = under(event);
    view.canvas.style.cursor = cell && view.head.pickable ? 'pointer' : '';
    point(view, cell);
  });
  view.canvas.addEventListener('pointerleave', () => point(view, null));
  view.canvas.addEventListener('blur', () => point(view, null));
  view.canvas.addEventListener('click', event => pick(view, under(event)));
  view.canvas.addEventListener('keydown', event => {
    if (!view.cells?.length) return;
    if (event.key.startsWith('Arrow')) {
      point(view, move(view, event.key));
      view.status.textContent = describe(view, view.pointed);
    } else if (event.key === 'Enter' || event.key === ' ')
      pick(view, view.pointed ?? view.picked ?? view.cells[0]);
    else return;
    event.preventDefault();
  });
  const resized = () => {
    if (
      view.arrangedAt ===
      [Math.floor(view.root.clientWidth), window.innerHeight, window.devicePixelRatio || 1].join()
    )
      return;
    arrange(view);
    draw(view);
  };
  view.observer = new ResizeObserver(resized);
  view.observer.observe(view.root);
  window.addEventListener('resize', resized);
  document.fonts?.ready.then(() => {
    arrange(view);
    draw(view);
  });
  const scrub = event => {
    if (view.head?.film && view.head.film === event.detail.film)
      lookBack(view, event.detail.frame, event.detail.over);
  };
  window.addEventListener('dm-scrub', scrub);
  const news = event => {
    if (view.head.source && event.detail.subject === view.head.subject)
      event.detail.waits.push(refresh(view));
  };
  window.addEventListener('dm-news', news);
  view.stop = () => {
    view.stopped = true;
    view.observer.disconnect();
    window.removeEventListener('resize', resized);
    window.removeEventListener('dm-news', news);
    window.removeEventListener('dm-scrub', scrub);
    views.delete(parent);
  };
  views.set(parent, view);
  return view;
}

function readColours(view) {
  const style = getComputedStyle(view.root),
    named = name => style.getPropertyValue(name).trim();
  view.colour = {
    primary: named('--st-primary-color'),
    text: named('--st-text-color'),
    backdrop: named('--st-background-color'),
  };
  return style;
}

/** A frame, whether the page's script or the server's address sent it. */
function take(view, { head, pixels }) {
  const before = view.head;
  view.head = head;
  view.frame = { head, pixels };
  fillMosaics(view, pixels);
  const style = readColours(view);
  const shape = JSON.stringify([
    head.classes,
    head.lanes.map(lane => [lane.title, lane.images]),
    head.maxHeight,
    head.reserve,
    head.largest,
    style.fontFamily,
    style.fontSize,
  ]);
  if (shape !== view.shape) {
    view.shape = shape;
    view.pointed = null;
    arrange(view);
  }
  const chosen = one => JSON.stringify([one.picked, one.lanes.map(lane => [lane.name, lane.first])]);
  if (!before || chosen(head) !== chosen(before)) {
    // else a tick on its way would undo a fresh click
    const [name, label, image] = head.picked ?? [],
      lane = head.lanes.findIndex(one => one.name === name);
    view.picked = lane < 0 ? null : { lane, label, image: image - head.lanes[lane].first };
  }
  draw(view);
  view.caption.replaceChildren(...head.caption.map(line => element('', line)));
  view.canvas.setAttribute('aria-label', head.alt);
  view.canvas.dataset.iteration = head.iteration;
}

/** Frames of the time machine, until it lets go or the page's script answers. */
function lookBack(view, frame, over) {
  if (frame) {
    view.shown ??= view.frame;
    take(view, renewed(view.shown.head, unpack(frame)));
  } else if (over && view.shown) {
    const { shown } = view;
    view.shown = null;
    take(view, shown);
    if (shown.head.source) refresh(view);
  }
}

// what a newer frame may change; the rest, such as what is opened, is the script's
const renewed = (head, frame) => ({
  head: {
    ...head,
    ...Object.fromEntries(
      ['iteration', 'alt', 'caption', 'classes', 'lanes'].map(name => [name, frame.head[name] ?? head[name]]),
    ),
  },
  pixels: frame.pixels,
});

/** At most one frame on its way: the next is asked for when this one is drawn. */
async function refresh(view) {
  if (view.fetching) {
    view.again = true;
    return true;
  }
  let done = false;
  view.fetching = true;
  const { source } = view.head;
  try {
    const answer = await fetch(source, { cache: 'no-store' });
    const frame =
      answer.status === 200 &&
      answer.headers.get('content-type') === 'application/octet-stream' &&
      unpack(new Uint8Array(await answer.arrayBuffer()));
    done = Boolean(frame);
    if (frame && !view.stopped && !view.shown && source === view.head.source)
      take(view, renewed(view.head, frame));
  } catch {
    /* the server is away: the line tells again */
  }
  view.fetching = false;
  if (view.again && !view.stopped) {
    view.again = false;
    return refresh(view);
  }
  return done;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement),
    frame = unpack(data),
    given = frame.text;
  view.send = setTriggerValue;
  const again = view.given === given && view.head.source; // a theme was switched: what was fetched since then is newer
  view.given = given;
  const back = view.shown; // the script answers: the time machine's frames are over
  view.shown = null;
  if (again && !back) {
    readColours(view);
    draw(view);
  } else take(view, frame);
  // Streamlit also runs this when a newer update overtakes this one: only a node that has left the page is ended.
  return () =>
    setTimeout(() => {
      if (!view.root.isConnected) view.stop();
    });
}
