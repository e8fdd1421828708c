// @ts-check
// Requests for the newest state at a live address. They name the entity tag of what is shown, so that a viewer
// that has the newest state is sent none of it. First part of the scripts that follow such an address.

const OVERLOADED = 503; // the server has too much to compute: ask again later

/**
 * Asks for the newest state; status 304 where that is the one on screen.
 * @param {string} source
 * @param {Version | null} [shown]
 */
const fetchNewest = (source, shown) =>
  fetch(source, {
    cache: 'no-store',
    headers: shown?.source === source ? { 'If-None-Match': shown.tag } : {},
  });

/**
 * Version of the state in an answer, once that state is shown.
 * @param {string} source
 * @param {Response} answer
 * @returns {Version | null}
 */
function versionOf(source, answer) {
  const tag = answer.headers.get('etag');
  return tag ? { source, tag } : null;
}

/**
 * Bytes of an answer; false where it has none.
 * @param {Response} answer
 * @returns {Promise<Uint8Array<ArrayBuffer> | false>}
 */
const readBytes = async answer =>
  answer.status === 200 &&
  answer.headers.get('content-type') === 'application/octet-stream' &&
  new Uint8Array(await answer.arrayBuffer());
