// @ts-check
// What is behind "recorded: how?": where each number comes from, and the command that computes it again.

/**
 * @param {HTMLElement} panel
 * @param {RecordingHead} head
 */
function writeProvenance(panel, head) {
  panel.replaceChildren();
  const list = element('ul', 'numbers', '', panel);
  for (const { label, detail } of head.marks) {
    const item = element('li', '', '', list);
    element('b', '', label, item);
    item.append(`: ${detail}`);
  }
  for (const { title, facts, command, remarks } of head.sources) {
    element('h3', '', title, panel);
    element('p', '', facts, panel);
    element('code', '', command, panel);
    if (remarks) element('p', '', remarks, panel);
  }
}

/**
 * Closes the panel with Escape, or where a person clicks elsewhere.
 * @param {AbortSignal} signal that ends it
 * @param {HTMLDetailsElement} details
 */
function closeOnLeave(signal, details) {
  /** @param {KeyboardEvent} event */
  const onKey = event => {
    if (event.key !== 'Escape' || !details.open) return;
    details.open = false;
    find(details, 'summary').focus();
  };
  /** @param {Event} event */
  const onPointer = event => {
    if (!event.composedPath().includes(details)) details.open = false;
  };
  details.addEventListener('keydown', onKey);
  window.addEventListener('pointerdown', onPointer, { signal });
}
