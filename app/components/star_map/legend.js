// @ts-check
// Legend: names and colours (a series of the palette, or grey) of the classes, and which of them are shown.

const OTHER = -1; // the one series of all classes without a colour
/**
 * @param {View} view
 * @param {number} label
 */
const seriesOf = (view, label) => view.series.get(label) ?? OTHER;
/**
 * @param {View} view
 * @param {number} label
 */
const visible = (view, label) => !view.hidden.has(view.series.has(label) ? label : OTHER);
/**
 * @param {View} view
 * @param {number} series
 */
const colourOf = (view, series) => (series === OTHER ? view.colour.grey : view.colour.palette[series]);
/**
 * @param {View} view
 * @param {number} label
 */
const nameOf = (view, label) => view.head.class_names[label] ?? `class ${label}`;

/**
 * Sorts in place: items of grey classes first, so that coloured ones are drawn over them.
 * @template Item
 * @param {View} view
 * @param {Item[]} items
 * @param {(item: Item) => number} labelOf
 */
const greyFirst = (view, items, labelOf) =>
  items.sort((a, b) => Number(view.series.has(labelOf(a))) - Number(view.series.has(labelOf(b))));

/**
 * Drawing order of the real images: grey ones first, and no class always on top of another.
 * @param {View} view
 */
function mixedOrder(view) {
  const { label } = view.head;
  const count = label.length;
  const step = [7919, 7907].find(prime => count % prime) ?? 1;
  return greyFirst(
    view,
    Array.from(label, (_, index) => (index * step) % count),
    index => label[index],
  );
}

/**
 * Takes the colours of the theme.
 * @param {View} view
 */
function readColours(view) {
  const style = getComputedStyle(view.root);
  const grey = getComputedStyle(/** @type {Element} */ (view.root.querySelector('.dot'))).color;
  view.colour = {
    palette: paletteOf(style),
    grey,
    ...coloursOf(style),
  };
  view.sprites.clear();
  view.stale = true;
  for (const button of /** @type {HTMLCollectionOf<HTMLElement>} */ (view.classes.children))
    button.style.setProperty('--swatch', colourOf(view, seriesOf(view, Number(button.dataset.label))));
}

/**
 * Builds the legend: the shapes, then a button per coloured class.
 * @param {View} view
 */
function buildLegend(view) {
  const { head } = view;
  const shapes = [
    ['dot', '●', 'real image'],
    ['', '★', 'image of a set'],
    ...(head.panels.some(isReal) ? [['', '◯', 'real image, drawn at random']] : []),
    ...(head.starts ? [['', '○', 'where it started']] : []),
  ];
  view.shapes.replaceChildren(
    ...shapes.map(([name, mark, text]) => {
      const item = element('span', '', '');
      element('span', name, mark, item);
      item.append(` ${text}`);
      return item;
    }),
  );
  /** @type {[label: number, name: string][]} */
  const others =
    head.class_names.length > head.coloured.length
      ? [[OTHER, head.coloured.length ? 'other classes' : 'all classes']]
      : [];
  view.classes.replaceChildren(
    ...head.coloured
      .map(label => /** @type {[number, string]} */ ([label, nameOf(view, label)]))
      .concat(others)
      .map(([label, text]) => {
        const button = element('button', '', '');
        element('i', '', '', button);
        element('span', '', text, button);
        Object.assign(button, { type: 'button', title: 'Show or hide' });
        button.dataset.label = String(label);
        button.setAttribute('aria-pressed', String(!view.hidden.has(label)));
        button.addEventListener('click', () => {
          if (!view.hidden.delete(label)) view.hidden.add(label);
          button.setAttribute('aria-pressed', String(!view.hidden.has(label)));
          view.stale = true;
          point(view, null, null);
          draw(view);
        });
        return button;
      }),
  );
}
