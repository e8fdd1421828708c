// @ts-check
// The gradients of each layer: their lengths as bars, the cosine of each output row as a strip, the distance.

/**
 * A number in few digits.
 * @param {number} number
 */
const brief = number => (number === 0 ? '0' : Number(number.toPrecision(3)).toString());

/** @param {View} view */
function showLayers(view) {
  const { head, rows } = view;
  const body = find(view.root, '.layers tbody');
  body.replaceChildren();
  const longest = Math.max(...head.scene.layers.flatMap(({ real, synthetic }) => [real, synthetic]), 1e-12);
  for (const [index, layer] of head.scene.layers.entries()) {
    const row = element('tr', '', '', body);
    element('th', '', layer.name, row).setAttribute('scope', 'row');
    const lengths = element('td', 'lengths', '', row);
    for (const [kind, length] of /** @type {[string, number][]} */ ([
      ['of-real', layer.real],
      ['of-learned', layer.synthetic],
    ])) {
      const line = element('div', `length ${kind}`, '', lengths);
      element('i', '', '', line).style.width = `${(60 * length) / longest}%`;
      element('span', '', brief(length), line);
    }
    const strip = element('div', '', '', element('td', 'cosines', '', row));
    const canvas = element('canvas', '', '', strip);
    paint(view, canvas, rows[index], { signed: true });
    canvas.setAttribute('role', 'img');
    const count = layer.rows[3];
    const mean = `mean ${layer.cosine.toFixed(2)}`.replace('-', '−');
    const of = ` of ${count} row${count === 1 ? '' : 's'}`;
    canvas.setAttribute('aria-label', `Cosines: ${mean}${of}`);
    const text = element('span', '', mean, strip);
    element('span', 'of-rows', of, text);
    element('td', 'number', brief(layer.distance), row);
  }
}
