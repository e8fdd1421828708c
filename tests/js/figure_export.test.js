import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

/** A figure drawn at a place of the page, with what its buttons ask plotly for. */
function drawn(className) {
  const asked = [];
  const plotly = {
    Icons: { disk: { path: 'disk' }, camera: { path: 'camera' } },
    downloadImage: (figure, options) => asked.push({ figure, options }),
  };
  const globals = { getComputedStyle: () => ({ getPropertyValue: name => `ground of ${name}` }) };
  const { exportButtons } = load(['figure_export'], ['exportButtons'], globals);
  const figure = {
    ...{ clientWidth: 600, clientHeight: 380, data: [{ x: [1] }], layout: { title: 'Loss' } },
    closest: () => (className ? { className } : null),
  };
  return { buttons: exportButtons(plotly), figure, asked };
}

test('a figure is downloaded as SVG or PNG, as large as on screen and on the page’s ground', () => {
  const { buttons, figure, asked } = drawn('st-emotion-x st-key-accuracy_figure stVerticalBlock');
  assert.deepEqual(
    buttons.map(({ title }) => title),
    ['Download as SVG', 'Download as PNG'],
  );
  assert.ok(buttons.every(({ icon }) => icon));
  buttons.forEach(button => button.click(figure));
  const size = { width: 600, height: 380, filename: 'dm-explorer-accuracy-figure' };
  assert.deepEqual(
    asked.map(({ options }) => options),
    [
      { format: 'svg', scale: 1, ...size },
      { format: 'png', scale: 3, ...size },
    ],
  );
  assert.deepEqual(asked[0].figure, {
    data: figure.data,
    layout: { title: 'Loss', paper_bgcolor: 'ground of --st-background-color' },
  });
  assert.deepEqual(figure.layout, { title: 'Loss' }, 'what is on screen stays as it is');
});

test('a figure without a key has a plain name', () => {
  const { buttons, figure, asked } = drawn('');
  buttons[0].click(figure);
  assert.equal(asked[0].options.filename, 'dm-explorer-figure');
});
