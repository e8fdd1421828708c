// The legend: the names and colours (a series of the palette, or grey) of the classes, and which of them are shown.
const OTHER = -1; // the one series of all classes without a colour
const seriesOf = (view, label) => view.series.get(label) ?? OTHER;
const visible = (view, label) => !view.hidden.has(view.series.has(label) ? label : OTHER);
const colourOf = (view, series) => (series === OTHER ? view.colour.grey : view.colour.palette[series]);
const nameOf = (view, label) => view.head.classes[label] ?? `class ${label}`;

const element = (tag, name, text, parent) => {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text; // text, never HTML: names come from people's folders
  parent?.append(node);
  return node;
};

const greyFirst = (view, ones, labelOf) =>
  ones.sort((a, b) => view.series.has(labelOf(a)) - view.series.has(labelOf(b)));

/** Grey dots first, and no class always on top of another. */
function mixed(view) {
  const { label } = view.head,
    count = label.length,
    step = [7919, 7907, 1].find(one => one === 1 || count % one);
  return greyFirst(
    view,
    Array.from(label, (_, index) => (index * step) % count),
    index => label[index],
  );
}

function readColours(view) {
  const style = getComputedStyle(view.root),
    named = name => style.getPropertyValue(name).trim();
  const palette = named('--st-chart-categorical-colors')
    .split(/,(?![^(]*\))/)
    .map(one => one.trim());
  const grey = getComputedStyle(view.root.querySelector('.dot')).color;
  view.colour = {
    palette,
    grey,
    primary: named('--st-primary-color'),
    text: named('--st-text-color'),
    backdrop: named('--st-background-color'),
  };
  view.sprites.clear();
  view.stale = true;
  for (const button of view.classes.children)
    button.style.setProperty('--swatch', colourOf(view, seriesOf(view, +button.dataset.label)));
}

/** The shapes, then a button per coloured class. */
function buildLegend(view) {
  const { head } = view,
    shapes = [
      ['dot', '●', 'real image'],
      ['', '★', 'image of a set'],
      ...(head.starts ? [['', '○', 'where it started']] : []),
    ];
  view.shapes.replaceChildren(
    ...shapes.map(([name, mark, words]) => {
      const item = element('span', '', '');
      element('span', name, mark, item);
      item.append(` ${words}`);
      return item;
    }),
  );
  const others =
    head.classes.length > head.coloured.length
      ? [[OTHER, head.coloured.length ? 'other classes' : 'all classes']]
      : [];
  view.classes.replaceChildren(
    ...head.coloured
      .map(label => [label, nameOf(view, label)])
      .concat(others)
      .map(([label, words]) => {
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
      }),
  );
}
