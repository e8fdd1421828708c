// Types for tsc alone: the recording as Python packs it, and what is kept of it on the page.

interface Mark {
  method: 'learned' | 'mean_image' | 'random' | 'whole';
  label: string;
  percent: number;
  detail: string;
  /** Percent at each moment, null where it was not tested; empty if only at the end. */
  moments: (number | null)[];
}

interface Source {
  title: string;
  facts: string;
  command: string;
  /** Below the command. */
  remarks: string;
}

/** Header of the bytes; `real` and `frames` are the lengths of the two sheets behind it. */
interface RecordingHead {
  real: number;
  frames: number;
  real_columns: number;
  real_count: number;
  class_names: string[];
  iterations: number[];
  seconds: number[];
  start: string;
  recorded: string;
  marks: Mark[];
  test_count: number;
  sources: Source[];
}

interface Sheets {
  real: ImageBitmap;
  frames: ImageBitmap;
}

/** What is drawn of the learned images. */
interface LearnedView {
  ten: HTMLCanvasElement;
  head: Pick<RecordingHead, 'class_names' | 'iterations'>;
  sheets: { frames: ImageBitmap | HTMLImageElement } | null;
  /** Index of the moment on screen. */
  moment: number;
}

/** Where the first paint had got to: the moment on screen, and for how many milliseconds it stays. */
interface Reached {
  moment: number;
  left: number;
}

interface Window {
  /** Ends the first paint once the page stands where it stood, with this canvas; only while it is there. */
  dmHandOver?: (ten: HTMLCanvasElement) => Promise<Reached>;
}

interface FrontView extends MountedView {
  root: HTMLElement;
  real: HTMLCanvasElement;
  ten: HTMLCanvasElement;
  slider: HTMLInputElement;
  button: HTMLButtonElement;
  /** Text of the header that is shown. */
  text: string;
  head: RecordingHead;
  sheets: Sheets | null;
  /** Index of the moment on screen. */
  moment: number;
  playing: boolean;
  timer: number;
}
