// @ts-check
// Links between formula and picture: to point at a symbol lights its things, and back; a click goes to its phase.

/**
 * Term that a node stands for; empty: none.
 * @param {EventTarget | null} target
 */
const termOf = target =>
  target instanceof Element ? (target.closest('[data-term]')?.getAttribute('data-term') ?? '') : '';

/**
 * Lights what stands for a term, and dims the rest of the scene; empty: as the phase says.
 * @param {View} view
 * @param {string} term
 */
function light(view, term) {
  if (view.term === term) return;
  view.term = term;
  const shown = /** @type {Record<string, string>} */ ({ distance: 'features' })[term] ?? term;
  view.root.classList.toggle('pointing', term !== '');
  for (const node of view.root.querySelectorAll('[data-term]')) {
    const own = node.getAttribute('data-term');
    node.classList.toggle('lit', term !== '' && (own === term || (own === shown && node.matches('.part'))));
  }
  drawPlane(view);
}

/**
 * What a symbol stands for, or what is compared; empty: nothing of that kind.
 * @param {EventTarget | null} target
 */
const wordsOf = target =>
  target instanceof Element ? (target.closest('.lines button, .detail')?.getAttribute('title') ?? '') : '';

/** @param {View} view */
function listenForTerms(view) {
  const { root } = view;
  /** @param {EventTarget | null} target */
  const point = target => {
    light(view, termOf(target));
    showWords(view, wordsOf(target));
  };
  // a pointer that rests while the picture comes below it points at nothing
  for (const begin of ['pointermove', 'focusin']) root.addEventListener(begin, event => point(event.target));
  for (const end of ['pointerleave', 'focusout']) root.addEventListener(end, () => point(null));
  find(root, '.lines').addEventListener('click', ({ target }) => {
    const symbol = target instanceof Element ? target.closest('button') : null;
    if (symbol) stopAt(view, { ...view.at, phase: Number(symbol.dataset.phase) });
  });
}
