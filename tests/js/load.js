// Loads the scripts of a component as the browser gets them: joined into one text, without modules.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const COMPONENTS = fileURLToPath(new URL('../../app/components/', import.meta.url));

/** Names of the parts in the order that component.py joins them in. */
export function partsOf(component) {
  const source = readFileSync(`${COMPONENTS}${component}/component.py`, 'utf8');
  const list = /^_PARTS = \(([\s\S]*?)^\)|^_PARTS = \((.*)\)$/m.exec(source);
  return [...list[0].matchAll(/"([^"]+)"/g)].map(([, name]) => `${component}/${name}`);
}

/** Elements as far as the tested functions use them. */
export const page = {
  window: { innerHeight: 900, devicePixelRatio: 1, addEventListener() {}, dispatchEvent() {} },
  document: { createElement: name => ({ name, dataset: {}, style: {}, getContext: () => null }) },
};

/**
 * Runs the scripts and returns what they declare under `names`; `update` is the function that Streamlit calls.
 * Names in `globals`, such as `window` and `fetch`, are the scripts' own.
 */
export function load(parts, names, globals = {}) {
  const text = ['elements', 'mounted_view', ...parts]
    .map(part => readFileSync(`${COMPONENTS}${part}.js`, 'utf8'))
    .join('\n');
  const scope = { ...page, ...globals };
  const body = `'use strict';\n${text.replace('export default function', 'const update = function')}
    return { ${names.join(', ')} };`;
  return new Function(...Object.keys(scope), body)(...Object.values(scope));
}

/** Bytes as Python's `pack_frame` writes them: [u32 length of the header][header as JSON][pixels]. */
export function packed(head, pixels = []) {
  const text = new TextEncoder().encode(JSON.stringify(head));
  return new Uint8Array([...uint32(text.length), ...text, ...pixels]);
}

/** Bytes as Python's `pack_frames` writes them: [u32 length][frame] for each. */
export const film = frames => new Uint8Array(frames.flatMap(frame => [...uint32(frame.length), ...frame]));

const uint32 = number => [number & 255, (number >> 8) & 255, (number >> 16) & 255, number >>> 24];
