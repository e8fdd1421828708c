import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMPONENTS, load, partsOf } from './load.js';

const files = readdirSync(COMPONENTS, { recursive: true }).filter(name => name.endsWith('.js'));

test('every script asks for type checks', () => {
  assert.ok(files.length > 15);
  for (const name of files)
    assert.match(readFileSync(`${COMPONENTS}${name}`, 'utf8'), /^\/\/ @ts-check\n/, name);
});

const joined = readdirSync(COMPONENTS).filter(name => existsSync(`${COMPONENTS}${name}/component.py`));

test('the walk finds the components of several scripts', () => assert.ok(joined.length >= 9));

for (const component of joined) {
  test(`the parts of ${component} run as one script that exports once, at its end`, () => {
    const parts = partsOf(component);
    const exporting = parts.filter(part => /^export /m.test(readFileSync(`${COMPONENTS}${part}.js`, 'utf8')));
    assert.deepEqual(exporting, [parts.at(-1)]);
    assert.equal(typeof load(parts, ['update']).update, 'function');
    const names = parts.map(part => part.replace(/.*\//, ''));
    const inFolder = files.filter(name => name.startsWith(`${component}/`));
    for (const name of inFolder) assert.ok(names.includes(name.slice(component.length + 1, -3)), name);
  });
}
