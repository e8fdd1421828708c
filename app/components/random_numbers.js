// @ts-check
// Random numbers that seeds name: the same in every browser.

/**
 * Uniform random numbers below 1 (mulberry32), a function of its seeds.
 * @param {number[]} seeds
 * @returns {() => number}
 */
function randomNumbers(...seeds) {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = Math.imul(state ^ (seed + 0x85ebca6b), 0xc2b2ae35) ^ (state >>> 13);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
