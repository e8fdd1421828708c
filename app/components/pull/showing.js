// @ts-check
// What is shown of a scene and of a phase: texts, what is lit, and what moves.

const PLAY = 'M4 2v12l10-6z';
const PAUSE = 'M4 2h3v12H4zM9 2h3v12H9z';

/** @param {View} view */
function readColours(view) {
  const probe = element('span', '', '', view.root);
  /** @param {string} name */
  const colour = name => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  /** @param {string} name */
  const parts = name => (colour(name).match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  view.colours = {
    real: colour('real'),
    accent: colour('synthetic'),
    text: colour('ink'),
    quiet: colour('ink-2'),
    backdrop: colour('bg'),
    line: colour('edge'),
    minus: parts('signed-minus'),
    zero: parts('signed-zero'),
    plus: parts('signed-plus'),
  };
  probe.remove();
}

/**
 * What stays the same through the phases of an iteration.
 * @param {View} view
 */
function showScene(view) {
  const { root, head, at } = view;
  const { values, pictures } = view.scenes[at.scene];
  /** @param {string} selector @param {string} text */
  const write = (selector, text) => {
    find(root, selector).textContent = text;
  };
  /** @param {number} shown @param {number} all */
  const some = (shown, all) => (shown < all ? `${shown} of ${grouped(all)}` : `all ${grouped(all)}`);
  write('.real-note', `${some(pictures.real.length, values.batch)} drawn`);
  const steps = values.iteration === 1 ? 'after 1 step' : `after ${grouped(values.iteration)} steps`;
  const learned =
    values.images_per_class > 1 ? `, ${some(pictures.synthetic.length, values.images_per_class)}` : '';
  write('.synthetic-note', steps + learned);
  write('.omega', `change: ${head.augmentations[at.scene]}`);
  write('.features-note', `${grouped(values.features)} numbers each, drawn as 2`);
  const after = values.iteration + 1;
  write(
    '.after-note',
    after > head.iterations ? 'one beyond the run' : `${grouped(after)} of ${grouped(head.iterations)}`,
  );
  const range = values.gradient_range.toPrecision(2);
  write('.gradient-note', `−${range} … 0 … +${range}`);
  find(root, '.segments')
    .querySelectorAll('button')
    .forEach((button, index) => {
      button.setAttribute('aria-pressed', String(index === at.scene));
      button.ariaDisabled = String(!view.revealed && index > 0);
    });
  find(root, '.plane canvas').setAttribute(
    'aria-label',
    `Features in the plane through both means: ${values.real_points.length} real images, and ` +
      `${values.synthetic_points.length} learned. The means are ${values.distance.toPrecision(3)} apart.`,
  );
  root.dataset.iteration = String(values.iteration);
  showPictures(view);
}

/**
 * What the phase lights and says; what moves in it begins.
 * @param {View} view
 */
function showPhase(view) {
  const { root, at, playing, revealed } = view;
  const phase = String(at.phase);
  for (const node of root.querySelectorAll('[data-phases]'))
    node.classList.toggle('on', (node.getAttribute('data-phases') ?? '').split(' ').includes(phase));
  for (const node of root.querySelectorAll('.lines [data-phase]'))
    node.classList.toggle('on', node.getAttribute('data-phase') === phase);
  root.querySelectorAll('.rail button').forEach((button, index) => {
    const hidden = index >= lastPhase(revealed);
    button.className = index + 1 === at.phase ? 'now' : index + 1 < at.phase ? 'done' : '';
    button.setAttribute('aria-current', index + 1 === at.phase ? 'step' : 'false');
    button.ariaDisabled = String(hidden);
    find(button, 'span').textContent = hidden ? '?' : PHASES[index];
  });
  const name = `${at.phase} ${PHASES[at.phase - 1]}`;
  const sentence = sentenceOf(view);
  find(root, '.say h2').textContent = name;
  find(root, '.say p').textContent = sentence;
  const detail = view.head.details[at.scene];
  const more = find(root, '.detail');
  more.hidden = at.phase !== DISTANCE || !detail;
  more.textContent = 'compared with the run';
  more.title = detail;
  showWords(view);
  const heard = playing ? '' : `${name}. ${sentence}`;
  const status = find(root, '[role=status]');
  if (status.textContent !== heard) status.textContent = heard;
  const play = find(root, '[name=play]');
  play.setAttribute('aria-label', playing ? 'Pause' : 'Play');
  find(play, 'path').setAttribute('d', playing ? PAUSE : PLAY);
  play.hidden = reducedMotion();
  root.dataset.phase = phase;
  root.classList.toggle('asked', !revealed);
  cancelAnimationFrame(view.frame);
  if (!playing || reducedMotion()) {
    showProgress(view, 1);
    return;
  }
  const began = performance.now();
  /** @param {number} now */
  const tick = now => {
    const progress = Math.min(1, Math.max(0, (now - began) / MOTION_TIME));
    showProgress(view, progress);
    if (progress < 1) view.frame = requestAnimationFrame(tick);
  };
  tick(began);
}

/**
 * Says in words what is pointed at, else the line of the algorithm that the phase belongs to.
 * @param {View} view
 * @param {string} [pointed]
 */
function showWords({ root, head, at }, pointed = '') {
  const words = find(root, '.words');
  words.textContent = pointed || head.words[at.phase - 1];
  words.classList.toggle('pointed', pointed !== '');
}

/**
 * @param {View} view
 * @param {number} progress
 */
function showProgress(view, progress) {
  view.progress = progress;
  showMoving(view);
  drawPlane(view);
}

/**
 * Classes and iterations to choose from.
 * @param {View} view
 */
function showChoices(view) {
  const { root, head, scenes } = view;
  const select = /** @type {HTMLSelectElement} */ (find(root, 'select'));
  select.replaceChildren(...head.class_names.map((name, index) => new Option(name, String(index))));
  select.value = String(head.label);
  find(root, '.class').hidden = head.class_names.length < 2;
  const segments = find(root, '.segments');
  segments.hidden = scenes.length < 2;
  segments.replaceChildren(
    ...scenes.map(({ values }, index) => {
      const button = document.createElement('button');
      button.type = 'button';
      if (!index) button.append(element('span', 'word', 'iteration '));
      button.append(String(values.iteration));
      button.setAttribute('aria-label', `iteration ${values.iteration}`);
      return button;
    }),
  );
}
