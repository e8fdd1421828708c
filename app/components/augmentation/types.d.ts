// Types of the augmentation, for tsc alone.

/** What the address names; app/components/augmentation/state.py has the same fields. */
interface AugmentationState {
  label: number;
  /** Name of an operation, or `any`. */
  operation: string;
  seed: number;
  /** Parameters that a reader has set, joined by `_`; empty: drawn ones. */
  real: string;
  copies: string;
}

interface AugmentationHead {
  sheet: SheetHead;
  state: AugmentationState;
  revealed: boolean;
}

interface Parameter {
  name: string;
  low: number;
  high: number;
  whole?: boolean;
  /** Changes nothing about a grey image. */
  unseen?: boolean;
  /** Where it changes little, or shows best what it does. */
  still: number;
}

interface Operation {
  title: string;
  /** How strong it is at most. */
  extent: string;
  parameters: Parameter[];
  apply: (image: Float32Array, values: number[]) => Float32Array;
}

/** ω: an operation with its parameters. */
interface Augmentation {
  operation: string;
  values: number[];
}

/** One draw of ω for the real images, and of another for copies of them. */
interface Trial {
  real: Augmentation;
  copies: Augmentation;
  /** Squared distance of the mean features where the copies get ω, too, and where they get their own. */
  same: number;
  separate: number;
}

/** Squared distances to compare with, without any augmentation. */
interface Yardsticks {
  otherImages: number;
  otherClass: number;
}

interface AugmentationColours {
  text: string;
  backdrop: string;
  line: string;
  quiet: string;
  synthetic: string;
}

interface View extends MountedView {
  root: HTMLElement;
  sheet: ImageSheet;
  state: AugmentationState;
  reports: ReportedState;
  revealed: boolean;
  network: RandomNetwork;
  images: Float32Array[];
  trials: Trial[];
  yardsticks: Yardsticks | null;
  /** Computation that is under way, and what it is of. */
  work: Iterator<void> | null;
  /** What a reader has set, in place of a draw. */
  byHand: Trial | null;
  /** Number of trials that are shown. */
  shown: number;
  playing: boolean;
  /** Whether a reader goes from draw to draw. */
  stepping: boolean;
  frame: number;
  last: number;
  /** When it began to play, in milliseconds: the operations move with it. */
  now: number;
  colours: AugmentationColours;
  canvases: Record<string, HTMLCanvasElement>;
  buttons: Record<'play' | 'step' | 'again' | 'network' | 'draws', HTMLButtonElement>;
  operations: HTMLInputElement[];
  select: HTMLSelectElement;
  sliders: HTMLElement;
  report: SendValue;
}
