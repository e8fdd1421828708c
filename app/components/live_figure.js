// @ts-check
// Plotly figure that is updated in place. Only the newest state is drawn when they come fast.

/**
 * State of the figure, as live_figure.py's `LiveFigure` writes it.
 * @typedef {object} FigureData
 * @property {string} figure plotly's `data` and `layout` as JSON, with names of the theme's colours
 * @property {number} revision
 * @property {string} alt
 * @property {number} height CSS pixels, at most
 * @property {string} within selector of the container whose height it fits in; empty: any height
 * @property {string} view zoom is kept while it stays the same
 * @property {string} source address of the newest state
 * @property {string} subject
 * @property {number | null} mark where on the horizontal axis a line is
 */
/** @typedef {FigureData & {plotly: string}} GivenFigure what the script gives: with the address of plotly.js */
/**
 * An axis as plotly has laid it out.
 * @typedef {object} Axis
 * @property {string} type
 * @property {(value: number) => number} d2p from data to pixels
 * @property {number} _offset pixels
 * @property {number} _length pixels
 */
/** @typedef {{points: {curveNumber: number, pointIndex: number}[]}} ClickEvent */
/**
 * The element that plotly draws in; it adds the rest to a plain element.
 * @typedef {HTMLElement & {
 *   _fullLayout?: {xaxis?: Axis, yaxis?: Axis},
 *   on: (name: string, listener: (event: ClickEvent) => void) => void,
 * }} PlotlyElement
 */
/** @typedef {Record<string, any>} PlotlyObject a layout, or a part of it: plotly checks it */
/**
 * State of a mounted figure. Fields without brackets are there once it has its first data.
 * @typedef {object} View
 * @property {PlotlyElement} node
 * @property {HTMLElement} mark
 * @property {HTMLElement} wait what is said while plotly.js is not there
 * @property {number | null} scrubbedTo iteration that the time machine shows
 * @property {FigureData} update the newest state
 * @property {GivenFigure} [given] by the script
 * @property {number} [width] that it was drawn for
 * @property {number} [height] that it was drawn in
 * @property {number} [nextDrawAt] not before, in milliseconds of `performance.now()`
 * @property {number} ahead milliseconds that it may still draw without a wait
 * @property {number | null} [timer]
 * @property {boolean} [drawing]
 * @property {boolean} [redraw] once more after this
 * @property {boolean} [pressed] whether a pointer is down
 * @property {boolean} [listening]
 * @property {Version | null} [version] of the newest state, where it was fetched
 * @property {boolean} [fetching]
 * @property {boolean} [refetch] once more after this
 * @property {number} [waiting] timer of what is said while plotly.js is requested
 * @property {boolean} [stopped]
 * @property {object} [config] of plotly
 * @property {SendValue} send
 * @property {ResizeObserver} observer
 * @property {MutationObserver} [beside] of what comes beside it
 * @property {() => void} stop
 */

/** @type {WeakMap<ComponentRoot, View>} */
const views = new WeakMap();
// share of a core for plotly while data move; at first, when all eyes are on it, it may draw ahead of its share
const SHARE = Math.min(0.05, 0.01 * (navigator.hardwareConcurrency || 2));
const AHEAD = 4000; // milliseconds of drawing
const LONGEST_WAIT = 2000; // milliseconds
const LOWEST = 170; // CSS pixels: a container with less room for a figure scrolls
const LOW = 0.85; // share of its height below which a figure's axes have room for one line of their title
const SOON = 400; // milliseconds: nothing is said of what takes no longer
const LOADING = 'Loading the figure …';
const FAILED =
  'This figure cannot be drawn: the server did not send what draws it. See whether the server still runs.';
const CONFIG = {
  displaylogo: false,
  showSendToCloud: false, // nothing leaves this machine
  showTips: false,
  modeBarButtonsToRemove: ['select2d', 'lasso2d', 'zoomIn2d', 'zoomOut2d', 'autoScale2d', 'toImage'],
};

/**
 * Its height in CSS pixels: as given, less where its container has less room beside what else stands there.
 * @param {View} view
 */
function heightOf({ node, update }) {
  const scale = fontScale();
  const whole = update.height * scale;
  const container = update.within ? node.closest(update.within) : null;
  if (!container || getComputedStyle(container).overflowY !== 'auto') return whole; // as high as its content
  const [first, last, own] = [container.firstElementChild, container.lastElementChild, node].map(part =>
    /** @type {Element} */ (part).getBoundingClientRect(),
  );
  const others = last.bottom - first.top - own.height;
  return Math.max(LOWEST * scale, Math.min(whole, Math.floor(container.clientHeight - others)));
}

/**
 * Follows the size of the container that it fits in, and of what stands there beside it, which may come later.
 * @param {View} view
 */
function keepWithin(view) {
  const { within } = view.update;
  const container = within ? view.node.closest(within) : null;
  if (!container || view.beside) return;
  const observe = () => {
    for (const part of [container, ...container.children]) view.observer.observe(part);
  };
  view.beside = new MutationObserver(observe);
  view.beside.observe(container, { childList: true });
  observe();
}

/**
 * A title of an axis, its first line alone where there is no room for more.
 * @param {PlotlyObject | undefined} title
 * @param {boolean} isLow
 */
const shortened = (title, isLow) =>
  isLow && title?.text ? { ...title, text: title.text.split('<br>')[0] } : title;

/**
 * The figure in this theme: colour names looked up, fonts and backgrounds filled in.
 * @param {View} view
 */
function themed(view) {
  const style = getComputedStyle(view.node);
  const palette = paletteOf(style);
  /**
   * @param {string} _
   * @param {string} name
   */
  const colourOf = (_, name) =>
    name.startsWith('--dm-series-') ? palette[Number(name.slice(12))] : property(style, name);
  /**
   * @param {any} value any JSON
   * @returns {any}
   */
  const resolve = value => {
    if (typeof value === 'string') return value.replace(/var\((--[a-z0-9-]+)\)/g, colourOf);
    if (Array.isArray(value)) return value.map(resolve);
    if (value && typeof value === 'object')
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => [name, name === 'bdata' ? item : resolve(item)]),
      );
    return value;
  };
  /** @type {{data: object[], layout: PlotlyObject}} */
  const { data, layout } = resolve(JSON.parse(view.update.figure));
  const scale = fontScale();
  const size = parseFloat(property(style, '--dm-text')) * scale;
  /**
   * With some of its lengths scaled.
   * @param {PlotlyObject | undefined} part
   * @param {string[]} names
   */
  const enlarged = (part, names) =>
    part && {
      ...part,
      ...Object.fromEntries(names.filter(name => name in part).map(name => [name, part[name] * scale])),
    };
  const text = property(style, '--st-text-color');
  const axis = {
    gridcolor: property(style, '--st-border-color'),
    linecolor: text,
    zeroline: false,
    automargin: true,
    minor: { showgrid: false },
    tickfont: { size },
  };
  // annotations may say less there
  const isNarrow = view.node.clientWidth < scale * (layout.meta?.narrow ?? 0);
  const height = heightOf(view);
  const isLow = height < LOW * view.update.height * scale;
  const touch = matchMedia('(pointer: coarse)').matches;
  /** @type {PlotlyObject} */
  const full = {
    ...layout,
    template: undefined,
    autosize: true,
    height,
    margin: enlarged({ ...layout.margin, ...(isNarrow ? layout.meta.margin : {}) }, ['l', 'r', 't', 'b']),
    annotations: layout.annotations?.map((/** @type {PlotlyObject} */ { narrow, ...annotation }) =>
      enlarged({ ...annotation, ...(isNarrow ? narrow : {}) }, ['xshift', 'yshift']),
    ),
    uirevision: view.update.view,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    separators: '.\u202f',
    font: { family: style.fontFamily, size, color: text, ...layout.font },
    hoverlabel: {
      bgcolor: property(style, '--st-secondary-background-color'),
      bordercolor: text,
      font: { size, color: text, family: style.fontFamily },
      ...layout.hoverlabel,
    },
    modebar: {
      bgcolor: property(style, '--st-background-color'),
      color: text,
      activecolor: property(style, '--st-primary-color'),
    },
    dragmode: touch ? false : (layout.dragmode ?? 'zoom'), // a finger scrolls the page
  };
  for (const name of Object.keys(layout)
    .filter(name => /^[xy]axis\d*$/.test(name))
    .concat('xaxis', 'yaxis'))
    full[name] = {
      ...axis,
      ...layout[name],
      title: {
        standoff: 10,
        ...shortened(layout[name]?.title, isLow),
        font: { size, ...layout[name]?.title?.font },
      },
    };
  return { data, layout: full };
}

/**
 * Places the mark, a line over the plot: moving it costs no drawing.
 * @param {View} view
 */
function placeMark(view) {
  const { xaxis, yaxis } = view.node._fullLayout ?? {};
  const at = view.scrubbedTo ?? view.update.mark;
  const left = xaxis && at !== null ? xaxis.d2p(xaxis.type === 'log' ? Math.max(1, at) : at) : NaN;
  const inside = xaxis && yaxis && left >= -1 && left <= xaxis._length + 1;
  view.mark.hidden = !inside;
  if (inside)
    view.mark.style.cssText = `left:${xaxis._offset + left}px;top:${yaxis._offset}px;height:${yaxis._length}px`;
}

/**
 * Moves plotly's buttons above the plot where the title of the horizontal axis leaves them no room beside it.
 * @param {View} view
 */
function placeButtons({ node }) {
  const [figure, buttons, title] = [
    node,
    ...['.modebar', '.xtitle'].map(name => node.querySelector(name)),
  ].map(part => part?.getBoundingClientRect());
  const meet = figure && buttons && title && figure.right - buttons.width < title.right;
  node.classList.toggle('buttons-above', Boolean(meet && title.bottom > figure.bottom - buttons.height));
}

/**
 * Milliseconds of rest after a drawing that took so many.
 * @param {View} view
 * @param {number} took
 */
function pause(view, took) {
  if (!view.listening) return 0; // the first drawing sets plotly up
  view.ahead -= took;
  return view.ahead >= 0 ? 0 : Math.min(LONGEST_WAIT, took / SHARE);
}

/**
 * Draws the newest state, no more often than plotly's share of a core allows.
 * @param {View} view
 */
async function draw(view) {
  if (view.drawing || view.pressed) {
    view.redraw = true;
    return;
  }
  const plotly = /** @type {PlotlyLibrary} */ (window.Plotly);
  const wait = (view.nextDrawAt ?? 0) - performance.now();
  if (wait > 0) {
    view.timer ??= setTimeout(() => {
      view.timer = null;
      if (!view.stopped) draw(view);
    }, wait);
    return;
  }
  view.drawing = true;
  try {
    do {
      view.redraw = false;
      if (!view.node.clientWidth) break; // hidden: the observer draws it when it is shown
      const { revision } = view.update;
      const { data, layout } = themed(view);
      const began = performance.now();
      view.node.style.height = `${layout.height}px`;
      view.config ??= { ...CONFIG, modeBarButtonsToAdd: exportButtons(plotly) }; // another would plot anew
      await plotly.react(view.node, data, layout, view.config);
      const ended = performance.now();
      view.nextDrawAt = ended + pause(view, ended - began);
      if (view.stopped) {
        plotly.purge(view.node);
        return;
      }
      if (!view.listening) {
        view.listening = true;
        view.node.on('plotly_afterplot', () => {
          placeMark(view);
          placeButtons(view);
        });
        view.node.on('plotly_click', event =>
          view.send('point', { trace: event.points[0].curveNumber, index: event.points[0].pointIndex }),
        );
      }
      placeMark(view);
      placeButtons(view);
      view.width = view.node.clientWidth;
      view.height = layout.height;
      view.node.dataset.revision = String(revision);
    } while (view.redraw && !view.pressed && performance.now() >= view.nextDrawAt);
  } finally {
    view.drawing = false;
  }
  if (view.redraw && !view.pressed && !view.stopped && view.node.clientWidth) draw(view);
}

/**
 * Fetches the newest state: no sooner than plotly may draw again, and one request at a time.
 * @param {View} view
 */
async function refresh(view) {
  if (view.fetching) {
    view.refetch = true;
    return;
  }
  const { source } = view.update;
  view.fetching = true;
  view.refetch = false;
  await new Promise(resolve => setTimeout(resolve, Math.max(0, (view.nextDrawAt ?? 0) - performance.now())));
  try {
    const answer = view.stopped || document.hidden ? null : await fetchNewest(source, view.version);
    if (answer?.status === OVERLOADED) throw new Error('overloaded');
    /** @type {FigureData | false | undefined} */
    const update =
      answer?.status === 200 && answer.headers.get('content-type')?.includes('json') && (await answer.json());
    if (answer && update && !view.stopped && source === view.update.source) {
      setUpdate(view, update);
      view.version = versionOf(source, answer);
    }
  } catch {
    // the server is away or overloaded: viewers come back at different moments
    view.refetch = true;
    view.nextDrawAt = performance.now() + LONGEST_WAIT * (0.75 + 0.5 * Math.random());
  }
  view.fetching = false;
  if (view.refetch && !view.stopped) {
    view.refetch = false;
    refresh(view);
  }
}

/**
 * @param {View} view
 * @param {FigureData} update
 */
function setUpdate(view, update) {
  view.update = update;
  keepWithin(view);
  view.node.style.height = `${heightOf(view)}px`; // the room is there before plotly is
  view.node.setAttribute('aria-label', update.alt);
  request(view);
}

/**
 * Says in the figure's place what it waits for; nothing once it is there.
 * @param {View} view
 * @param {string} text
 */
function sayWait({ wait }, text) {
  const [words, button] = /** @type {HTMLCollectionOf<HTMLElement>} */ (wait.children);
  wait.hidden = !text;
  words.textContent = text;
  button.hidden = text !== FAILED;
}

/**
 * Draws the figure, or requests plotly.js first: then it is drawn at the event `plotly-ready`.
 * @param {View} view
 */
async function request(view) {
  if (window.Plotly) {
    clearTimeout(view.waiting);
    sayWait(view, '');
    void draw(view);
    return;
  }
  view.waiting ??= setTimeout(() => sayWait(view, LOADING), SOON);
  try {
    await loadPlotly(/** @type {GivenFigure} */ (view.given).plotly);
  } catch {
    clearTimeout(view.waiting);
    view.waiting = undefined;
    if (!view.stopped) sayWait(view, FAILED); // until the next state, or the button, requests it again
  }
}

/** @param {ComponentRoot} parent */
function mount(parent) {
  const view = /** @type {View} */ ({
    node: parent.querySelector('.live-figure'),
    mark: parent.querySelector('.live-figure-mark'),
    wait: parent.querySelector('.live-figure-wait'),
    scrubbedTo: null,
    ahead: AHEAD,
  });
  const ready = () => request(view);
  window.addEventListener('plotly-ready', ready);
  find(view.wait, 'button').addEventListener('click', () => {
    sayWait(view, LOADING);
    ready();
  });
  view.observer = new ResizeObserver(() => {
    const { width, height } = view;
    if ((view.node.clientWidth !== width || (view.update && heightOf(view) !== height)) && window.Plotly) {
      view.nextDrawAt = 0;
      ready();
    }
  });
  view.observer.observe(view.node);
  const release = () =>
    setTimeout(() => {
      view.pressed = false;
      if (view.redraw && !view.stopped) ready();
    });
  const press = () => {
    view.pressed = true; // a redraw would end a drag or swallow a click
  };
  view.node.addEventListener('pointerdown', press, true);
  window.addEventListener('pointerup', release);
  window.addEventListener('pointercancel', release);
  /** @param {WindowEventMap['dm-news']} event */
  const onNews = event => {
    if (view.update?.source && event.detail.subject === view.update.subject) refresh(view);
  };
  window.addEventListener('dm-news', onNews);
  /** @param {WindowEventMap['dm-scrub']} event */
  const onScrub = ({ detail }) => {
    if (!view.update?.subject || detail.subject !== view.update.subject) return;
    view.scrubbedTo = detail.over ? null : (detail.iteration ?? null);
    placeMark(view);
  };
  window.addEventListener('dm-scrub', onScrub);
  view.stop = () => {
    if (view.stopped) return;
    view.observer.disconnect();
    view.beside?.disconnect();
    window.removeEventListener('dm-news', onNews);
    window.removeEventListener('dm-scrub', onScrub);
    window.removeEventListener('plotly-ready', ready);
    window.removeEventListener('pointerup', release);
    window.removeEventListener('pointercancel', release);
    views.delete(parent);
    clearTimeout(view.timer ?? undefined);
    clearTimeout(view.waiting);
    view.stopped = true;
    view.redraw = false;
    if (!view.drawing) window.Plotly?.purge(view.node);
  };
  views.set(parent, view);
  return view;
}

/**
 * Runs on every update and when the theme changes, with the same parentElement, so state lives in `views`.
 * @param {ComponentUpdate<GivenFigure>} update
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  // unchanged where a theme was switched: what was fetched since then is newer
  const unchanged =
    view.given?.source && view.given.source === data.source && view.given.figure === data.figure;
  const another = view.given && view.given.view !== data.view;
  const moving = view.given && !another && view.given.figure !== data.figure;
  if (another) view.ahead = AHEAD;
  if (!moving) view.nextDrawAt = 0; // another run or another theme is shown at once
  view.given = data;
  view.send = setTriggerValue;
  view.scrubbedTo = null; // the script answers: the mark is where it says
  if (!unchanged) view.version = null;
  setUpdate(view, unchanged ? view.update : data);
  return stopOnceRemoved(view.node, view.stop);
}
