// Types of the planes, for tsc alone.

/** What the address names; app/components/plane/state.py has the same fields. */
interface PlaneState {
  /** Name of a cloud; `own`: `points`. */
  cloud: string;
  stars: number;
  features: number;
  /** Planes that are shown: numbers of networks, `new` for ever new ones. */
  networks: string[];
  seed: number;
  /** What is drawn behind: `nothing`, `folds` or `loss`. */
  behind: string;
  /** Points of the own cloud, see editing.js. */
  points: string;
}

interface PlaneData extends PlaneState {
  /** Whether a prediction was made: before, only the first steps are shown. */
  revealed: boolean;
  /** Names of the planes that were predicted. */
  guessed: string[];
}

interface Plane {
  /** Number of its networks; 0: a new one at each step. */
  count: number;
  networks: Float64Array[];
  /** Mean features of the cloud for each network, once it was used. */
  realMeans: Float64Array[];
  stars: Float64Array;
  velocity: Float64Array;
  /** Past positions of the stars, oldest first. */
  trail: Float64Array[];
}

/** A plane on the page. */
interface Panel {
  name: string;
  node: HTMLElement;
  canvas: HTMLCanvasElement;
  /** Text beside its title: that it was predicted. */
  mark: HTMLElement;
  distance: HTMLElement;
  bar: HTMLElement;
  plane: Plane;
  /** The field of the loss, drawn once. */
  field: HTMLCanvasElement | null;
}

interface PlaneColours {
  real: string;
  star: string;
  field: string;
  text: string;
  backdrop: string;
  line: string;
}

interface View extends MountedView {
  root: HTMLElement;
  state: PlaneState;
  reports: ReportedState;
  revealed: boolean;
  guessed: string[];
  panels: Panel[];
  /** Points of the cloud, x and y in turn. */
  cloud: number[];
  /** Steps taken since the start, and since the cloud was changed last. */
  step: number;
  settled: number;
  playing: boolean;
  fields: Map<string, HTMLInputElement[]>;
  buttons: Record<'play' | 'step' | 'again' | 'draw' | 'networks' | 'clear', HTMLButtonElement>;
  note: HTMLElement;
  count: HTMLElement;
  /** Heard by readers who do not see the planes. */
  status: HTMLElement;
  /** Identity of the animation frame that is due. */
  frame: number;
  /** Frames shown so far. */
  frames: number;
  /** When the last frame was, in milliseconds; 0: none yet. */
  last: number;
  /** Steps that are due, a fraction of the next one included. */
  due: number;
  /** The cloud, drawn once for all planes. */
  dots: HTMLCanvasElement;
  dotsStale: boolean;
  size: { width: number; height: number };
  ratio: number;
  colours: PlaneColours;
  /** Whether a pointer or the keys draw points; otherwise they move some. */
  drawing: boolean;
  /** Whether the cloud differs from the state's points. */
  edited: boolean;
  /** Term of the formula that is lit; empty: none. */
  lit: string;
  pointer: { id: number; at: Point } | null;
  /** Where keys edit the cloud, and whether they hold points or the pen. */
  cursor: Point;
  holding: boolean;
  report: SendValue;
}
