// The tip beside what is pointed at: its picture, enlarged, and its name. Real images' pictures are fetched once.
const TIP = 96,
  WIDEST_PICTURE = 144; // CSS pixels

function fillTip(view) {
  const { tip, pointed } = view,
    [canvas, text] = tip.children;
  if (!pointed) {
    if (tip.matches(':popover-open')) tip.hidePopover();
    return;
  }
  text.textContent = describe(view, pointed.panel, pointed);
  const star = pointed.star && starOf(pointed.panel, pointed.star),
    thumbs = view.thumbs?.head;
  const source = star
    ? pointed.panel.pictures && { ...pointed.panel.pictures, index: star.index }
    : thumbs && pointed.real < thumbs.count && { ...thumbs, pixels: view.thumbs.pixels, index: pointed.real };
  canvas.hidden = !source;
  if (source) picture(view, canvas, source);
  if (!star) fetchThumbs(view);
  if (!tip.matches(':popover-open')) tip.showPopover();
  placeTip(view);
}

function picture(view, canvas, { pixels, channels, height, width, index }) {
  const area = width * height,
    start = index * channels * area,
    image = new ImageData(width, height),
    words = new Uint32Array(image.data.buffer);
  for (let at = 0; at < area; at++) {
    const [r, g, b] =
      channels === 3
        ? [start + at, start + area + at, start + 2 * area + at]
        : [start + at, start + at, start + at];
    words[at] = 0xff000000 | (pixels[b] << 16) | (pixels[g] << 8) | pixels[r];
  }
  Object.assign(canvas, { width, height });
  canvas.getContext('2d').putImageData(image, 0, 0);
  const side = Math.max(width, height),
    ratio = window.devicePixelRatio || 1;
  const even = Math.max(1, Math.round((TIP * ratio) / side)) / ratio,
    large = side * even > WIDEST_PICTURE; // every pixel drawn equally wide
  canvas.style.cssText = `width:${width * (large ? TIP / side : even)}px;image-rendering:${large ? 'auto' : 'pixelated'}`;
}

/** Beside what it tells about, inside the window. */
function placeTip(view) {
  const { tip, pointed } = view;
  if (!pointed || !tip.matches(':popover-open')) return;
  const star = pointed.star && starOf(pointed.panel, pointed.star),
    { head } = view;
  const area = pointed.panel.canvas.getBoundingClientRect(),
    { offsetWidth: wide, offsetHeight: high } = tip,
    apart = 16 * view.scale;
  const px = area.left + across(view, star ? star.x : head.x[pointed.real]),
    py = area.top + down(view, star ? star.y : head.y[pointed.real]);
  const beside = (at, size, room) =>
    among(8, at + apart + size + 8 <= room ? at + apart : at - apart - size, Math.max(8, room - size - 8));
  Object.assign(tip.style, {
    left: `${beside(px, wide, document.documentElement.clientWidth)}px`,
    top: `${beside(py, high, window.innerHeight)}px`,
  });
}

/** Once, when a real image is first pointed at. */
async function fetchThumbs(view) {
  const { thumbs } = view.head;
  if (!thumbs || view.thumbs || pause(view.thumbsAt)) return;
  view.thumbsAt = performance.now();
  try {
    const bytes = await bytesOf(await fetch(thumbs));
    if (bytes && thumbs === view.head.thumbs) view.thumbs = unpack(bytes);
    if (view.thumbs && !view.stopped) fillTip(view);
  } catch {
    /* the server is away: asked again at the next touch */
  }
}
