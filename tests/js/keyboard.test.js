import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

const { freeKey, takeKey } = load(['keyboard'], ['freeKey', 'takeKey']);

/** An element as far as the selectors of keyboard.js tell: what it is, and none of what `not` takes away. */
const focused = (tag, type) => ({
  matches: selectors =>
    selectors.split(/,\s(?![^(]*\))/).some(selector => {
      const [, name, only, not] = /^([a-z]*|\[[^\]]+\])(?:\[type="(.*)"\])?(?::not\((.*)\))?/.exec(selector);
      return name === tag && (!only || only === type) && !not?.includes(`[type="${type}"]`);
    }),
});
const press = (key, target = {}, more = {}) => freeKey({ key, composedPath: () => [target], ...more });

test('a key is left to the focused element that uses it', () => {
  const uses = {
    nothing: [{}, ''],
    button: [focused('button'), ' '],
    radio: [focused('input', 'radio'), ' →'],
    range: [focused('input', 'range'), ' →↡'],
    checkbox: [focused('input', 'checkbox'), ' →s1↡'],
    text: [focused('input', 'text'), ' →s1↡'],
    select: [focused('select'), ' →s1↡'],
    textarea: [focused('textarea'), ' →s1↡'],
  };
  for (const [name, [target, used]] of Object.entries(uses))
    for (const [sign, key] of Object.entries({
      ' ': ' ',
      '→': 'ArrowRight',
      '↡': 'PageDown',
      s: 's',
      1: '1',
    }))
      assert.equal(press(key, target), used.includes(sign) ? '' : key, `${key} on ${name}`);
});

test('a key with a modifier, held down, or used already is left alone; an arrow held down goes on', () => {
  for (const modifier of ['ctrlKey', 'metaKey', 'altKey', 'defaultPrevented'])
    for (const key of ['s', ' ', 'ArrowLeft'])
      assert.equal(press(key, {}, { [modifier]: true }), '', modifier);
  assert.equal(press(' ', {}, { shiftKey: true }), '', 'it scrolls');
  assert.equal(press('S', {}, { shiftKey: true }), 's');
  assert.equal(press('s', {}, { repeat: true }), '');
  assert.equal(press('ArrowLeft', {}, { repeat: true }), 'ArrowLeft');
});

test('a key that means something is taken, any other is left to the page', () => {
  const done = [];
  const event = key => ({ key, composedPath: () => [{}], preventDefault: () => done.push('prevented') });
  const actions = { s: () => done.push('s') };
  takeKey(event('x'), actions);
  takeKey(event('toString'), actions);
  assert.deepEqual(done, []);
  takeKey(event('S'), actions);
  assert.deepEqual(done, ['prevented', 's']);
});
