// The browser's half of live_figure.py. The function at the end runs on every update and when the theme changes,
// with the same parentElement; state lives in `views`, and only the newest figure is drawn when they come fast.
const views = new WeakMap();
const SHARE = Math.min(0.05, 0.01 * (navigator.hardwareConcurrency || 2)); // of a core for plotly while data move
const LONGEST_WAIT = 4000; // milliseconds
const CONFIG = {
  displaylogo: false,
  showTips: false,
  modeBarButtonsToRemove: ['select2d', 'lasso2d', 'zoomIn2d', 'zoomOut2d', 'autoScale2d'],
};

// a presenter's page has larger type: everything in the figure grows with it
const scaled = () => Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);

/** Colour names in the figure -> this theme's colours. */
function themed(view) {
  const style = getComputedStyle(view.node);
  const named = name => style.getPropertyValue(name).trim();
  const palette = named('--st-chart-categorical-colors')
    .split(/,(?![^(]*\))/)
    .map(one => one.trim());
  const colour = (_, name) => (name.startsWith('--dm-series-') ? palette[+name.slice(12)] : named(name));
  const resolve = value => {
    if (typeof value === 'string') return value.replace(/var\((--(?:st|dm)-[a-z0-9-]+)\)/g, colour);
    if (Array.isArray(value)) return value.map(resolve);
    if (value && typeof value === 'object')
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, name === 'bdata' ? one : resolve(one)]),
      );
    return value;
  };
  const { data, layout } = resolve(JSON.parse(view.update.figure));
  const scale = scaled();
  const size = 14 * scale;
  const wider = (one, names) =>
    one && {
      ...one,
      ...Object.fromEntries(names.filter(name => name in one).map(name => [name, one[name] * scale])),
    };
  const text = named('--st-text-color');
  const axis = {
    gridcolor: named('--st-border-color'),
    linecolor: text,
    zeroline: false,
    automargin: true,
    minor: { showgrid: false },
    tickfont: { size },
  };
  const tight = view.node.clientWidth < scale * (layout.meta?.narrow ?? 0); // annotations may say less there
  const touch = matchMedia('(pointer: coarse)').matches;
  const full = {
    ...layout,
    template: undefined,
    autosize: true,
    height: view.update.height * scale,
    margin: wider(layout.margin, ['l', 'r', 't', 'b']),
    annotations: layout.annotations?.map(({ narrow, ...one }) =>
      wider({ ...one, ...(tight ? narrow : {}) }, ['xshift', 'yshift']),
    ),
    uirevision: view.update.view,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    separators: '.\u202f',
    font: { family: style.fontFamily, size, color: text, ...layout.font },
    hoverlabel: {
      bgcolor: named('--st-secondary-background-color'),
      bordercolor: text,
      font: { size, color: text, family: style.fontFamily },
      ...layout.hoverlabel,
    },
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: text, activecolor: named('--st-primary-color') },
    dragmode: touch ? false : (layout.dragmode ?? 'zoom'), // a finger scrolls the page
  };
  for (const name of Object.keys(layout)
    .filter(one => /^[xy]axis\d*$/.test(one))
    .concat('xaxis', 'yaxis'))
    full[name] = {
      ...axis,
      ...layout[name],
      title: { standoff: 10, ...layout[name]?.title, font: { size, ...layout[name]?.title?.font } },
    };
  return { data, layout: full };
}

/** A line over the plot: moving it costs no drawing. */
function placeMark(view) {
  const { xaxis, yaxis } = view.node._fullLayout ?? {};
  const at = view.lookedAt ?? view.update.mark;
  const left = xaxis && at !== null ? xaxis.d2p(xaxis.type === 'log' ? Math.max(1, at) : at) : NaN;
  view.mark.hidden = !(left >= -1 && left <= xaxis?._length + 1);
  if (!view.mark.hidden)
    view.mark.style.cssText = `left:${xaxis._offset + left}px;top:${yaxis._offset}px;height:${yaxis._length}px`;
}

async function draw(view) {
  if (view.busy || view.held) {
    view.again = true;
    return;
  }
  const wait = (view.due ?? 0) - performance.now();
  if (wait > 0) {
    view.timer ??= setTimeout(() => {
      view.timer = null;
      if (!view.stopped) draw(view);
    }, wait);
    return;
  }
  view.busy = true;
  try {
    do {
      view.again = false;
      if (!view.node.clientWidth) break; // hidden: the observer draws it when it is shown
      const { revision } = view.update;
      const { data, layout } = themed(view);
      const began = performance.now();
      view.node.style.height = `${view.update.height * scaled()}px`;
      await window.Plotly.react(view.node, data, layout, CONFIG);
      const ended = performance.now();
      view.due = ended + Math.min(LONGEST_WAIT, (ended - began) / SHARE);
      if (view.stopped) {
        window.Plotly.purge(view.node);
        return;
      }
      if (!view.listening) {
        view.listening = true;
        view.node.on('plotly_afterplot', () => placeMark(view));
        view.node.on('plotly_click', event =>
          view.send('point', { trace: event.points[0].curveNumber, index: event.points[0].pointIndex }),
        );
      }
      placeMark(view);
      view.width = view.node.clientWidth;
      view.node.dataset.revision = revision;
    } while (view.again && !view.held && performance.now() >= view.due);
  } finally {
    view.busy = false;
  }
  if (view.again && !view.held && !view.stopped && view.node.clientWidth) draw(view);
}

/** No sooner than plotly may draw again, and one question at a time. */
async function refresh(view) {
  if (view.waiting) {
    view.late = true;
    return;
  }
  const { source } = view.update;
  view.waiting = true;
  view.late = false;
  await new Promise(resolve => setTimeout(resolve, Math.max(0, (view.due ?? 0) - performance.now())));
  try {
    const answer = view.stopped || document.hidden ? null : await fetch(source, { cache: 'no-store' });
    const update =
      answer?.status === 200 && answer.headers.get('content-type')?.includes('json') && (await answer.json());
    if (update && !view.stopped && source === view.update.source) take(view, update);
  } catch {
    view.late = true;
    view.due = performance.now() + LONGEST_WAIT;
  } // the server is away
  view.waiting = false;
  if (view.late && !view.stopped) {
    view.late = false;
    refresh(view);
  }
}

function take(view, update) {
  view.update = update;
  view.node.style.height = `${update.height * scaled()}px`; // the room is there before plotly is
  view.node.setAttribute('aria-label', update.alt);
  view.request();
}

function mount(parent) {
  const view = {
    node: parent.querySelector('.live-figure'),
    mark: parent.querySelector('.live-figure-mark'),
    lookedAt: null,
  };
  const ready = () => draw(view);
  view.request = () =>
    window.Plotly ? ready() : window.addEventListener('plotly-ready', ready, { once: true });
  view.observer = new ResizeObserver(() => {
    if (view.node.clientWidth !== view.width && window.Plotly) {
      view.due = 0;
      ready();
    }
  });
  view.observer.observe(view.node);
  const release = () =>
    setTimeout(() => {
      view.held = false;
      if (view.again && !view.stopped) view.request();
    });
  view.node.addEventListener(
    'pointerdown',
    () => {
      view.held = true;
    },
    true,
  ); // a redraw would end a drag or swallow a click
  window.addEventListener('pointerup', release);
  window.addEventListener('pointercancel', release);
  const news = event => {
    if (view.update?.source && event.detail.subject === view.update.subject) refresh(view);
  };
  window.addEventListener('dm-news', news);
  const scrub = ({ detail }) => {
    if (!view.update?.subject || detail.subject !== view.update.subject) return;
    view.lookedAt = detail.over ? null : detail.iteration;
    placeMark(view);
  };
  window.addEventListener('dm-scrub', scrub);
  view.stop = () => {
    view.observer.disconnect();
    window.removeEventListener('dm-news', news);
    window.removeEventListener('dm-scrub', scrub);
    window.removeEventListener('plotly-ready', ready);
    window.removeEventListener('pointerup', release);
    window.removeEventListener('pointercancel', release);
    views.delete(parent);
    clearTimeout(view.timer);
    view.stopped = true;
    view.again = false;
    if (!view.busy) window.Plotly?.purge(view.node);
  };
  views.set(parent, view);
  return view;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const again = view.given?.source && view.given.source === data.source && view.given.figure === data.figure;
  const moving = view.given && view.given.view === data.view && view.given.figure !== data.figure;
  if (!moving) view.due = 0; // another run or another theme is shown at once
  view.given = data;
  view.send = setTriggerValue;
  view.lookedAt = null; // the script answers: the mark is where it says
  take(view, again ? view.update : data); // a theme was switched: what was fetched since then is newer
  // Streamlit also runs this when a newer update overtakes this one: only a node that has left the page is ended.
  return () =>
    setTimeout(() => {
      if (!view.node.isConnected && !view.stopped) view.stop();
    });
}
