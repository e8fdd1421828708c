// The browser's half of feature_map.py: a still cloud in a bitmap, stars that glide over it, one view for all panels.
// The function at the end runs on every update with the same parentElement, so state lives in `views`.
const views = new WeakMap();
const SIDE_BY_SIDE = 300, GAP = 16, PAD = 18, MOST_ZOOM = 60, OTHER = -1;
const GLIDE = 600, SCRUB = 120, EVERY = 2000;                        // milliseconds
const DOT = 2.2, STAR = 7.5, SMALL_STAR = 5, MANY_STARS = 300, STAR_REACH = 12, DOT_REACH = 8;         // CSS pixels
const TIP = 96, WIDEST_PICTURE = 144, FULL_TURN = 2 * Math.PI;

function unpack(data) {
  const bytes = data.slice(), length = new DataView(bytes.buffer).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  return { head: JSON.parse(text), pixels: bytes.subarray(4 + length), text };
}

const element = (tag, name, text, parent) => {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;                      // text, never HTML: names come from people's folders
  parent?.append(node);
  return node;
};
const grouped = number => String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');
const idOf = (label, image) => `${label}.${image}`;
const among = (low, value, high) => Math.min(high, Math.max(low, value));
const seriesOf = (view, label) => view.series.get(label) ?? OTHER;
const visible = (view, label) => !view.hidden.has(view.series.has(label) ? label : OTHER);
const colourOf = (view, series) => series === OTHER ? view.colour.grey : view.colour.palette[series];
const scaled = () => Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);  // a presenter's page

// ---- where things are: positions of the map -> CSS pixels of a panel, the same for all panels

function bound(view) {                          // from the real images; the stars of this moment are taken in
  const { head, panels } = view, xs = [...head.x], ys = [...head.y];
  for (const panel of panels) {
    for (const star of panel.stars) { xs.push(star.toX); ys.push(star.toY); }
    if (head.starts) for (const [x, y] of panel.starts.values()) { xs.push(x); ys.push(y); }
  }
  const [left, right] = extent(xs), [low, high] = extent(ys);
  view.bounds = { left, right, low, high };
  Object.assign(view, { zoom: 1, x: (left + right) / 2, y: (low + high) / 2 });
}

const extent = numbers => {
  const low = numbers.reduce((least, one) => Math.min(least, one), Infinity), high = numbers.reduce((most, one) => Math.max(most, one), -Infinity);
  return high > low ? [low, high] : high === low ? [low - 1, high + 1] : [0, 1];
};

function project(view) {
  const { left, right, low, high } = view.bounds, { width, height } = view.size, pad = PAD * view.scale;
  view.unit = view.zoom * Math.min((width - 2 * pad) / (right - left), (height - 2 * pad) / (high - low));
  view.left = width / 2 - view.x * view.unit;
  view.top = height / 2 + view.y * view.unit;
}
const across = (view, x) => view.left + x * view.unit, down = (view, y) => view.top - y * view.unit;

function look(view, zoom, x, y) {               // the one way in which the view changes
  const { left, right, low, high } = view.bounds;
  view.zoom = among(1, zoom, MOST_ZOOM);
  view.x = among(left, x, right);
  view.y = among(low, y, high);
  project(view);
  view.stale = true;
  request(view);
}

function zoomAt(view, by, px = view.size.width / 2, py = view.size.height / 2) {       // what is there stays there
  const zoom = among(1, view.zoom * by, MOST_ZOOM), unit = view.unit * zoom / view.zoom;
  const x = (px - view.left) / view.unit, y = (view.top - py) / view.unit;
  look(view, zoom, x - (px - view.size.width / 2) / unit, y + (py - view.size.height / 2) / unit);
}

function wholeMap(view) {
  bound(view);
  project(view);
  view.stale = true;
  request(view);
}

// ---- drawing: dots once per view, trails once per placement, stars in every frame of a glide

function arrange(view) {                        // canvases as wide as the panels get
  const width = Math.floor(view.box.clientWidth), ratio = window.devicePixelRatio || 1, count = view.panels.length;
  if (!width || !view.head) return false;       // hidden: drawn when the observer reports a width
  const most = Math.max(1, Math.floor((width + GAP) / (SIDE_BY_SIDE + GAP))), columns = Math.ceil(count / Math.ceil(count / most));
  const scale = scaled(), wide = Math.floor((width - (columns - 1) * GAP) / columns), high = Math.round(Math.min(view.head.height * scale, wide));
  const arrangedAt = [width, ratio, scale, count, view.head.height].join();
  if (arrangedAt === view.arrangedAt) return true;
  Object.assign(view, { arrangedAt, ratio, scale, size: { width: wide - 2, height: high - 2 }, stale: true });    // inside the frame
  view.sprites.clear();
  view.box.style.cssText = `grid-template-columns:repeat(${columns}, minmax(0, 1fr));column-gap:${GAP}px`;
  const size = { width: Math.round((wide - 2) * ratio), height: Math.round((high - 2) * ratio) };
  for (const canvas of [view.dots, ...view.panels.flatMap(panel => [panel.canvas, panel.wake])]) Object.assign(canvas, size);
  for (const { canvas } of view.panels) Object.assign(canvas.style, { width: `${wide}px`, height: `${high}px` });
  return true;
}

const clean = (view, canvas) => {
  const pen = canvas.getContext('2d');
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  return pen;
};

function drawDots(view) {                       // one bitmap for all panels: they show the same real images
  const pen = clean(view, view.dots), { x, y, label } = view.head, { width, height } = view.size, radius = DOT * view.scale;
  pen.globalAlpha = 0.35;
  for (const index of view.order) {
    if (!visible(view, label[index])) continue;
    const px = across(view, x[index]), py = down(view, y[index]);
    if (px < -radius || py < -radius || px > width + radius || py > height + radius) continue;
    pen.fillStyle = colourOf(view, seriesOf(view, label[index]));
    pen.beginPath();
    pen.arc(px, py, radius, 0, FULL_TURN);
    pen.fill();
  }
  pen.globalAlpha = 1;
}

function lines(view, pen, panel, from, to, alpha, width) {           // one path per colour, not one per star
  const paths = new Map();
  for (const star of panel.stars) {
    const [start, end] = [from(star), to(star)];
    if (!start || !end || !visible(view, star.label)) continue;
    const series = seriesOf(view, star.label), path = paths.get(series) ?? paths.set(series, new Path2D()).get(series);
    path.moveTo(across(view, start[0]), down(view, start[1]));
    path.lineTo(across(view, end[0]), down(view, end[1]));
  }
  pen.globalAlpha = alpha;
  pen.lineWidth = width * view.scale;
  for (const [series, path] of paths) { pen.strokeStyle = colourOf(view, series); pen.stroke(path); }
  pen.globalAlpha = 1;
}

const here = star => [star.x, star.y];
const fading = ({ past, stars }, age) => (stars.length > MANY_STARS ? 0.45 : 0.75) * (1 - age / (past.length + 1));      // age 0: the newest piece

function drawWake(view, panel) {                // what stands still behind the stars: old pieces of trails, starts
  const pen = clean(view, panel.wake), { past } = panel;
  pen.lineCap = 'round';
  for (let at = 1; at < past.length; at++)
    lines(view, pen, panel, star => past[at - 1].get(star.id), star => past[at].get(star.id), fading(panel, past.length - at), 1.8);
  if (!view.head.starts) return;
  for (const star of panel.stars) {
    const start = panel.starts.get(star.id);
    if (!start || !visible(view, star.label)) continue;
    pen.beginPath();
    pen.arc(across(view, start[0]), down(view, start[1]), 3.5 * view.scale, 0, FULL_TURN);
    for (const [colour, width] of [[view.colour.backdrop, 4], [colourOf(view, seriesOf(view, star.label)), 1.8]]) {
      Object.assign(pen, { strokeStyle: colour, lineWidth: width * view.scale });
      pen.stroke();
    }
  }
}

function sprite(view, series, radius) {         // a star drawn once: a frame copies it to its places
  const name = `${series}/${radius}`, known = view.sprites.get(name);
  if (known) return known;
  const reach = Math.ceil((radius + 4 * view.scale) * view.ratio), canvas = document.createElement('canvas'), pen = canvas.getContext('2d');
  Object.assign(canvas, { width: 2 * reach, height: 2 * reach });
  pen.translate(reach, reach);
  pen.scale(view.ratio, view.ratio);
  pen.lineJoin = 'round';                       // the grey ones have no dark outline: what was picked stands out
  pen.beginPath();
  for (let corner = 0; corner < 10; corner++) {
    const angle = corner * Math.PI / 5 - Math.PI / 2, far = corner % 2 ? 0.46 * radius : radius;
    pen.lineTo(far * Math.cos(angle), far * Math.sin(angle));
  }
  pen.closePath();
  for (const [colour, width] of [[view.colour.backdrop, 5], [series === OTHER ? view.colour.grey : view.colour.text, 2.2]]) {
    Object.assign(pen, { strokeStyle: colour, lineWidth: width * view.scale });
    pen.stroke();
  }
  pen.fillStyle = colourOf(view, series);
  pen.fill();
  view.sprites.set(name, canvas);
  return canvas;
}

function ring(view, pen, x, y, radius, colour, width) {
  pen.beginPath();
  pen.arc(across(view, x), down(view, y), radius * view.scale, 0, FULL_TURN);
  for (const [stroke, thick] of [[view.colour.backdrop, width + 2.5], [colour, width]]) {
    Object.assign(pen, { strokeStyle: stroke, lineWidth: thick * view.scale });
    pen.stroke();
  }
}

function drawPanel(view, panel, gliding) {
  const pen = clean(view, panel.canvas), { pointed, picked, head, ratio } = view, last = panel.past.at(-1);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.drawImage(view.dots, 0, 0);
  pen.drawImage(panel.wake, 0, 0);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.lineCap = 'round';
  if (head.starts) lines(view, pen, panel, star => panel.starts.get(star.id), here, 0.6, 1);
  if (last) lines(view, pen, panel, star => last.get(star.id), here, fading(panel, 0), 1.8);
  const radius = view.scale * (panel.stars.length > MANY_STARS ? SMALL_STAR : STAR);
  const ringed = star => (pointed?.star === star.id ? 1 : 0) + (picked?.panel === panel.name && picked.star === star.id ? 2 : 0);
  const place = star => {
    const image = sprite(view, seriesOf(view, star.label), radius), even = gliding ? one => one : Math.round;  // at rest on whole pixels
    pen.drawImage(image, even(across(view, star.x) * ratio - image.width / 2), even(down(view, star.y) * ratio - image.height / 2));
  };
  pen.setTransform(1, 0, 0, 1, 0, 0);
  for (const star of panel.drawn) if (visible(view, star.label) && !ringed(star)) place(star);
  for (const star of panel.stars) {
    const how = ringed(star);
    if (!how || !visible(view, star.label)) continue;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (how > 1) ring(view, pen, star.x, star.y, radius / view.scale + 4.5, view.colour.primary, 3.5);
    if (how % 2) ring(view, pen, star.x, star.y, radius / view.scale + (how > 1 ? 8.5 : 4.5), view.colour.text, 2);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    place(star);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (pointed?.real >= 0) ring(view, pen, head.x[pointed.real], head.y[pointed.real], 5, view.colour.text, 2);
}

const request = view => { view.requested ||= requestAnimationFrame(() => { view.requested = 0; if (!view.stopped) draw(view); }); };
const ease = part => part < 0.5 ? 4 * part ** 3 : 1 - (2 - 2 * part) ** 3 / 2;

function draw(view) {
  if (!view.head || !arrange(view)) return;
  const { glide } = view, part = glide ? Math.min(1, (performance.now() - glide.began) / glide.lasts) : 1, way = ease(part);
  if (glide) for (const { stars } of view.panels) for (const star of stars) {
    star.x = part < 1 ? star.fromX + (star.toX - star.fromX) * way : star.toX;
    star.y = part < 1 ? star.fromY + (star.toY - star.fromY) * way : star.toY;
  }
  if (part === 1) view.glide = null;
  if (view.stale) {
    project(view);
    drawDots(view);
    for (const panel of view.panels) drawWake(view, panel);
    view.stale = false;
  }
  for (const panel of view.panels) drawPanel(view, panel, part < 1 || view.drag?.moved);
  if (view.glide) request(view);
  else settle(view);
  placeTip(view);
}

function settle(view) {
  for (const { canvas, stars } of view.panels) {
    const shown = stars.filter(star => visible(view, star.label));                         // for tests, where there are few
    Object.assign(canvas.dataset, { zoom: view.zoom.toFixed(2), standing: view.iteration });
    if (stars.length > 200) delete canvas.dataset.stars;
    else canvas.dataset.stars = JSON.stringify(shown.map(star => [star.label, star.image, +across(view, star.x).toFixed(1), +down(view, star.y).toFixed(1)]));
  }
  const { mouse } = view;                       // a star may have left the mouse, or come under it
  if (mouse && view.glided) point(view, mouse.panel, find(view, mouse.panel, mouse.x, mouse.y));
  view.glided = false;
}

function readColours(view) {
  const style = getComputedStyle(view.root), named = name => style.getPropertyValue(name).trim();
  const palette = named('--st-chart-categorical-colors').split(/,(?![^(]*\))/).map(one => one.trim());
  const grey = getComputedStyle(view.root.querySelector('.dot')).color;
  view.colour = { palette, grey, primary: named('--st-primary-color'), text: named('--st-text-color'), backdrop: named('--st-background-color') };
  view.sprites.clear();
  view.stale = true;
  for (const button of view.classes.children) button.style.setProperty('--swatch', colourOf(view, seriesOf(view, +button.dataset.label)));
}

// ---- what is pointed at, picked and told

const nameOf = (view, label) => view.head.classes[label] ?? `class ${label}`;
const starOf = (panel, id) => panel.stars.find(star => star.id === id);

function find(view, panel, px, py) {            // the nearest star, else the nearest real image
  const { head, scale } = view;
  let best = null, least = (STAR_REACH * scale) ** 2;
  for (const star of panel.drawn) {
    const distance = (across(view, star.x) - px) ** 2 + (down(view, star.y) - py) ** 2;
    if (distance <= least && visible(view, star.label)) [best, least] = [{ star: star.id }, distance];
  }
  if (best) return best;
  least = (DOT_REACH * scale) ** 2;
  for (const real of view.order) {
    const distance = (across(view, head.x[real]) - px) ** 2 + (down(view, head.y[real]) - py) ** 2;
    if (distance <= least && visible(view, head.label[real])) [best, least] = [{ real }, distance];
  }
  return best;
}

function describe(view, panel, { star, real }) {
  if (real >= 0) return `real, ${nameOf(view, view.head.label[real])}`;
  const { label, image } = starOf(panel, star);
  return `${panel.kind}, ${nameOf(view, label)}, image ${image + 1}`;
}

function point(view, panel, found) {
  const { pointed } = view;
  if (pointed?.panel === (found ? panel : undefined) && pointed?.star === found?.star && pointed?.real === found?.real) return;
  view.pointed = found && { ...found, panel };
  fillTip(view);
  request(view);
}

function pick(view, panel, id) {
  const star = id && starOf(panel, id);
  if (!star || !view.head.pickable) return;
  view.picked = { panel: panel.name, star: id };
  view.status.textContent = `${describe(view, panel, { star: id })}: picked`;
  request(view);
  view.send('pick', { panel: panel.name, class: star.label, image: star.image });
}

function fillTip(view) {
  const { tip, pointed } = view, [canvas, text] = tip.children;
  if (!pointed) { if (tip.matches(':popover-open')) tip.hidePopover(); return; }
  text.textContent = describe(view, pointed.panel, pointed);
  const star = pointed.star && starOf(pointed.panel, pointed.star), thumbs = view.thumbs?.head;
  const source = star ? pointed.panel.pictures && { ...pointed.panel.pictures, index: star.index }
    : thumbs && pointed.real < thumbs.count && { ...thumbs, pixels: view.thumbs.pixels, index: pointed.real };
  canvas.hidden = !source;
  if (source) picture(view, canvas, source);
  if (!star) fetchThumbs(view);
  if (!tip.matches(':popover-open')) tip.showPopover();
  placeTip(view);
}

function picture(view, canvas, { pixels, channels, height, width, index }) {
  const area = width * height, start = index * channels * area, image = new ImageData(width, height), words = new Uint32Array(image.data.buffer);
  for (let at = 0; at < area; at++) {
    const [r, g, b] = channels === 3 ? [start + at, start + area + at, start + 2 * area + at] : [start + at, start + at, start + at];
    words[at] = 0xff000000 | pixels[b] << 16 | pixels[g] << 8 | pixels[r];
  }
  Object.assign(canvas, { width, height });
  canvas.getContext('2d').putImageData(image, 0, 0);
  const side = Math.max(width, height), ratio = window.devicePixelRatio || 1;
  const even = Math.max(1, Math.round(TIP * ratio / side)) / ratio, large = side * even > WIDEST_PICTURE;      // every pixel drawn equally wide
  canvas.style.cssText = `width:${width * (large ? TIP / side : even)}px;image-rendering:${large ? 'auto' : 'pixelated'}`;
}

function placeTip(view) {                       // beside what it tells about, inside the window
  const { tip, pointed } = view;
  if (!pointed || !tip.matches(':popover-open')) return;
  const star = pointed.star && starOf(pointed.panel, pointed.star), { head } = view;
  const area = pointed.panel.canvas.getBoundingClientRect(), { offsetWidth: wide, offsetHeight: high } = tip, apart = 16 * view.scale;
  const px = area.left + across(view, star ? star.x : head.x[pointed.real]), py = area.top + down(view, star ? star.y : head.y[pointed.real]);
  const beside = (at, size, room) => among(8, at + apart + size + 8 <= room ? at + apart : at - apart - size, Math.max(8, room - size - 8));
  Object.assign(tip.style, { left: `${beside(px, wide, document.documentElement.clientWidth)}px`, top: `${beside(py, high, window.innerHeight)}px` });
}

function current(view, panel) {                 // the star that keys start from
  const { pointed, picked } = view, id = pointed?.panel === panel && pointed.star || picked?.panel === panel.name && picked.star;
  const star = id && starOf(panel, id);
  return star && visible(view, star.label) ? star : null;
}

function nearestStar(view, panel, key) {        // in the arrow's direction; at first the one in the middle
  const from = current(view, panel), [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key] ?? [0, 0];
  const px = from ? across(view, from.x) : view.size.width / 2, py = from ? down(view, from.y) : view.size.height / 2;
  let best = from, least = Infinity;
  for (const star of panel.stars) {
    if (star === from || !visible(view, star.label)) continue;
    const x = across(view, star.x) - px, y = down(view, star.y) - py, ahead = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
    const distance = from ? ahead + 2 * aside : Math.hypot(x, y);
    if ((!from || ahead > 0 && aside <= 2 * ahead) && distance < least) [best, least] = [star, distance];
  }
  return best;
}

function walk(view, panel, key) {
  const star = nearestStar(view, panel, key);
  if (!star) return;
  const px = across(view, star.x), py = down(view, star.y);
  if (px < 0 || py < 0 || px > view.size.width || py > view.size.height) look(view, view.zoom, star.toX, star.toY);
  view.mouse = null;
  point(view, panel, { star: star.id });
  const several = view.panels.length > 1 && panel.title.textContent;
  view.status.textContent = [describe(view, panel, { star: star.id }), several].filter(Boolean).join(', ');
}

// ---- a panel's canvas and what it answers to

function addPanel(view) {
  const node = element('div', 'panel', '', view.box), title = element('div', 'title', '', node), canvas = element('canvas', '', '', node);
  const panel = { node, title, canvas, wake: document.createElement('canvas'), stars: [], drawn: [], starts: new Map(), past: [] };
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'img');
  const at = event => { const area = canvas.getBoundingClientRect(); return [event.clientX - area.left - canvas.clientLeft, event.clientY - area.top - canvas.clientTop]; };
  canvas.addEventListener('pointerdown', event => {
    view.dragged = false;
    if (event.pointerType !== 'touch' && event.button === 0) view.drag = { x: event.clientX, y: event.clientY, moved: false };
  });
  canvas.addEventListener('pointermove', event => {
    if (event.pointerType === 'touch') return;
    if (!event.buttons) view.drag = null;       // let go of outside
    const [x, y] = at(event), { drag } = view;
    if (drag && (drag.moved || Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > 4)) {
      if (!drag.moved) canvas.setPointerCapture(event.pointerId);
      drag.moved = view.dragged = true;
      canvas.style.cursor = 'grabbing';
      point(view, panel, null);
      look(view, view.zoom, view.x - (event.clientX - drag.x) / view.unit, view.y + (event.clientY - drag.y) / view.unit);
      Object.assign(drag, { x: event.clientX, y: event.clientY });
      return;
    }
    const found = find(view, panel, x, y);
    view.mouse = { panel, x, y };
    canvas.style.cursor = found?.star && view.head.pickable ? 'pointer' : 'grab';
    point(view, panel, found);
  });
  const release = () => { view.drag = null; canvas.style.cursor = 'grab'; request(view); };
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  const leave = () => { view.mouse = null; point(view, panel, null); };
  canvas.addEventListener('pointerleave', event => { if (event.pointerType !== 'touch') leave(); });
  canvas.addEventListener('blur', leave);
  canvas.addEventListener('click', event => {
    if (view.dragged || event.detail > 1) return;
    const found = find(view, panel, ...at(event));
    point(view, panel, found);
    pick(view, panel, found?.star);
  });
  canvas.addEventListener('dblclick', event => zoomAt(view, 2, ...at(event)));
  canvas.addEventListener('wheel', event => {   // a plain wheel scrolls the page
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomAt(view, Math.exp(-among(-60, event.deltaY, 60) / 100), ...at(event));
  }, { passive: false });
  const pinch = event => {                      // two fingers zoom and pan; one scrolls the page
    if (event.touches.length !== 2) return;
    event.preventDefault();
    const [[ax, ay], [bx, by]] = [...event.touches].map(at), now = { x: (ax + bx) / 2, y: (ay + by) / 2, apart: Math.max(20, Math.hypot(ax - bx, ay - by)) };
    const before = event.type === 'touchstart' ? now : view.pinch ?? now;
    look(view, view.zoom, view.x - (now.x - before.x) / view.unit, view.y + (now.y - before.y) / view.unit);
    zoomAt(view, now.apart / before.apart, now.x, now.y);
    view.pinch = now;
  };
  for (const name of ['touchstart', 'touchmove']) canvas.addEventListener(name, pinch, { passive: false });
  canvas.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { '+': 1.6, '=': 1.6, '-': 0.625, '−': 0.625 }[event.key];
    if (event.key.startsWith('Arrow')) walk(view, panel, event.key);
    else if (event.key === 'Enter' || event.key === ' ') pick(view, panel, (current(view, panel) ?? nearestStar(view, panel))?.id);
    else if (by) zoomAt(view, by);
    else if (event.key === '0') wholeMap(view);
    else if (event.key === 'Escape' && view.pointed) point(view, panel, null);
    else return;
    event.preventDefault();
  });
  return panel;
}

function buildLegend(view) {                    // the shapes, then a button per coloured class
  const { head } = view, shapes = [['dot', '●', 'real image'], ['', '★', 'image of a set'], ...head.starts ? [['', '○', 'where it started']] : []];
  view.shapes.replaceChildren(...shapes.map(([name, mark, words]) => {
    const item = element('span', '', '');
    element('span', name, mark, item);
    item.append(` ${words}`);
    return item;
  }));
  const others = head.classes.length > head.coloured.length ? [[OTHER, head.coloured.length ? 'other classes' : 'all classes']] : [];
  view.classes.replaceChildren(...head.coloured.map(label => [label, nameOf(view, label)]).concat(others).map(([label, words]) => {
    const button = element('button', '', '');
    element('i', '', '', button);
    element('span', '', words, button);
    Object.assign(button, { type: 'button', title: 'Show or hide' });
    button.dataset.label = label;
    button.setAttribute('aria-pressed', !view.hidden.has(label));
    button.addEventListener('click', () => {
      if (!view.hidden.delete(label)) view.hidden.add(label);
      button.setAttribute('aria-pressed', !view.hidden.has(label));
      view.stale = true;
      point(view, null, null);
      draw(view);
    });
    return button;
  }));
}

// ---- placements: from the page's script, the server's address, or the film

function placementOf({ head, pixels }) {        // of a whole map as well: where the stars of each panel are
  let start = 0;
  const panels = new Map(head.panels.map(one => {
    const size = one.pictures ? one.x.length * one.channels * one.height * one.width : 0, { channels, height, width } = one;
    start += size;
    return [one.name, { ...one, pictures: size ? { pixels: pixels.subarray(start - size, start), channels, height, width } : null }];
  }));
  return { iteration: head.iteration, alt: head.alt, caption: head.caption, behind: head.behind, panels };
}

const positions = (xs, ys, { label, image }) => new Map(xs.map((x, index) => [idOf(label[index], image[index]), [x, ys[index]]]));

function remembered(view, panel, iteration) {   // a trail from the film
  const before = [...view.frames.keys()].filter(one => one < iteration).sort((a, b) => a - b).slice(-view.head.trails);
  return before.map(one => view.frames.get(one).panels.get(panel.name)).filter(Boolean).map(one => positions(one.x, one.y, one));
}

// The stars of the named panels set out for their places. `jump`: they are there at once; `back`: their trails are the film's.
function show(view, placement, { lasts = GLIDE, jump = false, back = false, all = false } = {}) {
  const { head } = view, { iteration } = placement;
  let news = jump || iteration !== view.iteration;
  for (const panel of view.panels) {
    const given = (all || panel.moving) && placement.panels.get(panel.name);
    if (!given) continue;
    const before = new Map(panel.stars.map(star => [star.id, star]));
    const stars = given.x.map((toX, index) => {
      const label = given.label[index], image = given.image[index], id = idOf(label, image), toY = given.y[index], old = jump ? null : before.get(id);
      return { id, label, image, index, x: old?.x ?? toX, y: old?.y ?? toY, toX, toY };
    });
    const moves = stars.length !== panel.stars.length || stars.some(star => { const old = before.get(star.id); return old?.toX !== star.toX || old?.toY !== star.toY; });
    if (!head.trails || jump) panel.past = [];
    else if (back && panel.moving) panel.past = remembered(view, panel, iteration);
    else if (moves && before.size) panel.past = [...panel.past, new Map(panel.stars.map(star => [star.id, [star.toX, star.toY]]))].slice(-head.trails);
    panel.stars = stars;
    panel.drawn = [...stars].sort((a, b) => view.series.has(a.label) - view.series.has(b.label));         // the grey ones first
    panel.pictures = given.pictures;
    news ||= moves;
  }
  view.iteration = iteration;
  view.placement = placement;
  if (news) {
    const { matches: calm } = matchMedia('(prefers-reduced-motion: reduce)');
    for (const { stars } of view.panels) for (const star of stars)
      Object.assign(star, calm ? { x: star.toX, y: star.toY } : { fromX: star.x, fromY: star.y });
    view.glide = jump || calm ? null : { began: performance.now(), lasts };
    view.glided = view.stale = true;
    view.ticks = (view.ticks ?? 0) + 1;
  }
  for (const { canvas, title } of view.panels) {
    canvas.setAttribute('aria-label', view.panels.length > 1 && title.textContent ? `${placement.alt} (${title.textContent})` : placement.alt);
    Object.assign(canvas.dataset, { iteration, ticks: view.ticks });
  }
  const { pointed } = view;
  if (pointed && (!view.panels.includes(pointed.panel) || (pointed.star ? !starOf(pointed.panel, pointed.star) : pointed.real >= head.x.length))) view.pointed = null;
}

function caption(view, placement, note = '') {
  const said = [...placement.caption, ...note ? [note] : []], text = said.join('\n');
  if (text !== view.said) view.caption.replaceChildren(...said.map(line => element('div', '', line)));
  view.said = text;
}

function take(view, { head, pixels }) {         // a whole map from the page's script
  const before = view.head, fresh = before?.key !== head.key, given = placementOf({ head, pixels });
  view.head = head;
  while (view.panels.length > head.panels.length) view.panels.pop().node.remove();
  while (view.panels.length < head.panels.length) view.panels.push(addPanel(view));
  view.series = new Map(head.coloured.map((label, series) => [label, series]));
  if (JSON.stringify(before?.classes) !== JSON.stringify(head.classes)) view.hidden.clear();
  const legend = JSON.stringify([head.classes, head.coloured, head.starts]);
  if (fresh || legend !== view.legend) { view.legend = legend; view.order = mixed(view); buildLegend(view); }
  head.panels.forEach((one, index) => {
    const panel = view.panels[index];
    if (panel.name !== one.name) Object.assign(panel, { name: one.name, stars: [], past: [] });
    Object.assign(panel, { moving: one.moving, kind: one.kind, starts: one.startX ? positions(one.startX, one.startY, one) : new Map() });
    panel.title.textContent = one.title;
    panel.title.hidden = !one.title;
  });
  if (view.filmOf !== head.film) Object.assign(view, { filmOf: head.film, frames: new Map() });
  if (view.thumbsOf !== head.thumbs) Object.assign(view, { thumbsOf: head.thumbs, thumbs: null });
  const chosen = one => JSON.stringify([one.picked, one.panels.map(panel => panel.name)]);
  if (!before || chosen(head) !== chosen(before)) {     // else a tick on its way would undo a fresh click
    const [panel, label, image] = head.picked ?? [];
    view.picked = head.picked && { panel, star: idOf(label, image) };
  }
  show(view, given, { all: true, jump: fresh, back: head.iteration < view.iteration });
  view.live = given;
  if (fresh) bound(view);
  readColours(view);
  caption(view, given);
  draw(view);
  fillTip(view);
}

function mixed(view) {                          // grey dots first, and no class always on top of another
  const { label } = view.head, count = label.length, step = [7919, 7907, 1].find(one => one === 1 || count % one);
  return Array.from(label, (_, index) => index * step % count).sort((a, b) => view.series.has(label[a]) - view.series.has(label[b]));
}

function update(view, placement, note, how) {   // from an address: what does not move stays
  if (placement !== view.placement) { show(view, placement, how); fillTip(view); }
  caption(view, placement, note);
  draw(view);
}

function lookBack(view, iteration) {            // the film's placement, or the nearest one until it is there
  const { frames } = view, stops = [...frames.keys()], there = frames.has(iteration);
  view.at = iteration;
  if (!there) fetchFilm(view);
  if (!stops.length) return;
  const nearest = there ? iteration : stops.reduce((best, one) => Math.abs(one - iteration) < Math.abs(best - iteration) ? one : best);
  update(view, frames.get(nearest), there ? '' : `Iteration ${grouped(iteration)} is not on the map: it shows iteration ${grouped(nearest)}.`, { lasts: SCRUB, back: true });
}

function letGo(view) {
  if (view.at === null) return;
  view.at = null;
  update(view, view.live, '', { lasts: SCRUB, back: true, all: true });
  if (view.head.source) refresh(view);
}

const bytesOf = async answer => answer.status === 200 && answer.headers.get('content-type') === 'application/octet-stream'
  && new Uint8Array(await answer.arrayBuffer());

function fetchFilm(view) {                      // one question at a time, for what is not there yet
  const wait = Math.max(0, (view.filmAskedAt ?? -Infinity) + EVERY - performance.now()), { film } = view.head;
  view.filming ||= setTimeout(async () => {
    view.filmAskedAt = performance.now();
    try {
      const bytes = view.at !== null && await bytesOf(await fetch(`${film}${film.includes('?') ? '&' : '?'}after=${Math.max(-1, ...view.frames.keys())}`, { cache: 'no-store' }));
      const numbers = bytes && new DataView(bytes.buffer);
      for (let start = 0, length; bytes && view.filmOf === film && start < bytes.length; start += 4 + length) {
        length = numbers.getUint32(start, true);
        const placement = placementOf(unpack(bytes.subarray(start + 4, start + 4 + length)));
        view.frames.set(placement.iteration, placement);
      }
    } catch { /* the server is away: asked again while it is looked for */ }
    view.filming = null;
    if (view.at !== null && !view.stopped) lookBack(view, view.at);
  }, wait);
}

function refresh(view) {                        // no sooner than is worth it, one question at a time, none while hidden
  view.late = true;
  if (view.asking) return;
  view.asking = setTimeout(async () => {
    const { source } = view.head;
    if (source && !document.hidden && view.box.clientWidth) {
      view.late = false;
      view.askedAt = performance.now();
      try {
        const bytes = await bytesOf(await fetch(source, { cache: 'no-store' }));
        const placement = bytes && placementOf(unpack(bytes));
        if (placement && !view.stopped && view.at === null && source === view.head.source) {
          view.live = { ...placement, panels: new Map([...view.live.panels, ...placement.panels]) };
          update(view, placement);
        }
        if (placement?.behind) view.late = true;
      } catch { view.late = true; view.askedAt = performance.now() + EVERY; }                // the server is away
    }
    view.asking = null;
    if (view.late && !view.stopped && source && !document.hidden && view.box.clientWidth) refresh(view);
  }, Math.max(0, (view.askedAt ?? -Infinity) + EVERY - performance.now()));
}

async function fetchThumbs(view) {              // once, when a real image is first pointed at
  const { thumbs } = view.head;
  if (!thumbs || view.thumbs || performance.now() < (view.thumbsAt ?? -Infinity) + EVERY) return;
  view.thumbsAt = performance.now();
  try {
    const bytes = await bytesOf(await fetch(thumbs));
    if (bytes && thumbs === view.head.thumbs) view.thumbs = unpack(bytes);
    if (view.thumbs && !view.stopped) fillTip(view);
  } catch { /* the server is away: asked again at the next touch */ }
}

function mount(parent) {
  const find_ = query => parent.querySelector(query);
  const view = {
    root: find_('.map'), box: find_('.panels'), shapes: find_('.shapes'), classes: find_('.classes'), caption: find_('.caption'), status: find_('p'), tip: find_('.tip'),
    dots: document.createElement('canvas'), panels: [], frames: new Map(), hidden: new Set(), sprites: new Map(), at: null, pointed: null, picked: null,
  };
  find_('.zoom').addEventListener('click', ({ target }) => {
    const by = +target.dataset.by;
    if (by) zoomAt(view, by);
    else if (target.dataset.by) wholeMap(view);
  });
  view.observer = new ResizeObserver(() => { draw(view); if (view.late && view.head) refresh(view); });
  view.observer.observe(view.box);
  const listen = { signal: (view.ending = new AbortController()).signal };
  window.addEventListener('resize', () => draw(view), listen);
  window.addEventListener('scroll', () => { if (view.mouse) { view.mouse = null; point(view, null, null); } else placeTip(view); }, { ...listen, capture: true });
  document.addEventListener('visibilitychange', () => { if (view.late && !document.hidden) refresh(view); }, listen);
  window.addEventListener('dm-news', ({ detail }) => { if (view.head?.source && detail.subject === view.head.subject) refresh(view); }, listen);
  window.addEventListener('dm-scrub', ({ detail }) => {
    if (!view.head?.film || detail.subject !== view.head.subject) return;
    if (detail.over) letGo(view);
    else if (Number.isFinite(detail.iteration)) lookBack(view, detail.iteration);
  }, listen);
  view.stop = () => {
    view.stopped = true;
    view.observer.disconnect();
    view.ending.abort();
    for (const timer of [view.filming, view.asking]) clearTimeout(timer);
    cancelAnimationFrame(view.requested);
    views.delete(parent);
  };
  views.set(parent, view);
  return view;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement), map = unpack(data);
  view.send = setTriggerValue;
  const again = view.given === map.text && view.head.source && view.at === null;          // a theme was switched: what was fetched since then is newer
  view.given = map.text;
  view.at = null;                               // the script answers: the time machine's placements are over
  if (again) { readColours(view); draw(view); }
  else take(view, map);
  // Streamlit also runs this when a newer update overtakes this one: only a node that has left the page is ended.
  return () => setTimeout(() => { if (!view.root.isConnected) view.stop(); });
}
