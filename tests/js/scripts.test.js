import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMPONENTS, load, partsOf } from './load.js';

const files = readdirSync(COMPONENTS, { recursive: true }).filter(name => name.endsWith('.js'));

test('every script asks for type checks', () => {
  assert.ok(files.length > 15);
  for (const name of files)
    assert.match(readFileSync(`${COMPONENTS}${name}`, 'utf8'), /^\/\/ @ts-check\n/, name);
});

for (const component of ['augmentation', 'averaging', 'embedding', 'image_grid', 'plane', 'star_map', 'test_stream']) {
  test(`the parts of ${component} run as one script that exports once, at its end`, () => {
    const parts = partsOf(component);
    const exporting = parts.filter(part => /^export /m.test(readFileSync(`${COMPONENTS}${part}.js`, 'utf8')));
    assert.deepEqual(exporting, [parts.at(-1)]);
    assert.equal(typeof load(parts, ['update']).update, 'function');
    const joined = parts.map(part => part.replace(/.*\//, ''));
    const inFolder = files.filter(name => name.startsWith(`${component}/`));
    for (const name of inFolder) assert.ok(joined.includes(name.slice(component.length + 1, -3)), name);
  });
}
