// The browser's half of live_line.py: asks for news, at most one question at a time and none while the tab is
// hidden, and tells the page's grids and figures when there are some.
const views = new WeakMap();
const ON_SCREEN = 'on screen'; // that part is not told while the time machine moves: its own line says where
const GONE = 'gone'; // the page of a run that was removed: the script says so
const TURN_PAUSE = 1500;
const RETRY = 2000;
const LONGEST_WAIT = 1000; // milliseconds

function show(view, line) {
  view.line = line;
  while (view.text.children.length > line.parts.length) view.text.lastElementChild.remove();
  line.parts.forEach(({ text, strong, mark }, index) => {
    const part = view.text.children[index] ?? view.text.appendChild(view.part.cloneNode(true));
    const [dot, words] = part.children;
    if (dot.hidden !== !mark) dot.hidden = !mark;
    if (dot.dataset.mark !== mark) {
      dot.dataset.mark = mark;
      dot.style.color = `var(--st-${mark}-text-color)`;
    }
    if (words.textContent !== text) words.textContent = text; // text, never HTML
    if (words.className !== (strong ? 'strong' : '')) words.className = strong ? 'strong' : '';
    part.hidden = Boolean(view.scrubbed) && text.startsWith(ON_SCREEN);
  });
  const { fraction } = line;
  const percent = Math.round(100 * fraction);
  view.bar.hidden = fraction === null;
  view.bar.firstElementChild.style.transform = `scaleX(${fraction ?? 0})`;
  if (view.bar.getAttribute('aria-valuenow') !== String(percent))
    for (const [name, value] of Object.entries({
      valuenow: percent,
      valuemin: 0,
      valuemax: 100,
      label: `${percent} %`,
    }))
      view.bar.setAttribute(`aria-${name}`, value);
}

async function look(view) {
  view.timer = null;
  if (view.stopped || document.hidden || !view.source) return; // shown again, or given an address: asked again
  const { source } = view;
  let wait = RETRY;
  view.looking = true;
  try {
    const answer = await fetch(
      `${source}${source.includes('?') ? '&' : '?'}moment=${encodeURIComponent(view.line.moment)}`,
      { cache: 'no-store' },
    );
    if (answer.status === 200 && answer.headers.get('content-type')?.includes('json')) {
      const line = await answer.json();
      if (source === view.source && !view.stopped) {
        if (line.moment !== view.line.moment && view.subject && !(await tell(view.subject))) line.moment = ''; // told again
        if (source === view.source && !view.stopped) show(view, line);
      }
    }
    if (answer.status === 404 && view.gone !== source) {
      view.gone = source;
      view.line.page = GONE;
    }
    if (answer.ok) wait = 1000 * view.line.every;
    if (!view.stopped) turn(view);
  } catch {
    /* the server is away: Streamlit says so, and we ask again */
  }
  view.looking = false;
  if (!view.stopped && !view.timer) view.timer = setTimeout(look, wait, view);
}

/** Images arrive first, so that words and pictures change in one frame. */
async function tell(subject) {
  const detail = { subject, waits: [] };
  window.dispatchEvent(new CustomEvent('dm-news', { detail }));
  const late = new Promise(resolve => setTimeout(resolve, LONGEST_WAIT, []));
  return (await Promise.race([Promise.all(detail.waits), late])).every(Boolean);
}

/** One run of the script, whichever line on the page sees it first. */
function turn(view) {
  if (view.line.page === view.given.page || performance.now() < (window.dmTurned ?? -Infinity) + TURN_PAUSE)
    return;
  window.dmTurned = performance.now();
  view.send('turned', view.line.page);
}

function mount(parent) {
  const part = document.createElement('span');
  part.innerHTML = '<span>● </span><span></span>';
  const view = {
    part,
    root: parent.querySelector('.line'),
    text: parent.querySelector('p'),
    bar: parent.querySelector('.bar'),
  };
  const shown = () => {
    // what came while the tab was hidden is told now
    if (document.hidden) return;
    view.line = { ...view.line, moment: '' };
    if (!view.timer && !view.looking) look(view);
  };
  document.addEventListener('visibilitychange', shown);
  const scrub = ({ detail }) => {
    if (!view.subject || detail.subject !== view.subject) return;
    view.scrubbed = !detail.over;
    show(view, view.line);
  };
  window.addEventListener('dm-scrub', scrub);
  view.stop = () => {
    window.removeEventListener('dm-scrub', scrub);
    view.stopped = true;
    clearTimeout(view.timer);
    document.removeEventListener('visibilitychange', shown);
    views.delete(parent);
  };
  views.set(parent, view);
  return view;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  view.send = setTriggerValue;
  if (view.source !== data.source) view.scrubbed = false;
  if (
    view.source !== data.source ||
    view.given.moment !== data.line.moment ||
    view.given.page !== data.line.page
  )
    show(view, data.line);
  if (view.line.page === GONE) view.line.page = data.line.page;
  Object.assign(view, { given: data.line, source: data.source, subject: data.subject });
  if (view.source && !view.timer && !view.looking)
    view.timer = setTimeout(look, 1000 * view.line.every, view);
  // Streamlit also runs this when a newer update overtakes this one: only a node that has left the page is ended.
  return () =>
    setTimeout(() => {
      if (!view.root.isConnected) view.stop();
    });
}
