// Types of the stream of test images, for tsc alone.

/** What component.py packs of a lane; pixels are a shape here, and follow the header in its order. */
interface PackedLane {
  title: string;
  /** frames, images, channels, height, width */
  images: number[];
  learned: boolean;
  answers: number[];
  remark: string;
  summary: string;
}

interface Head {
  lanes: PackedLane[];
  /** images, channels, height, width */
  tests: number[];
  label: number[];
  class_names: string[];
}

interface Lane extends Omit<PackedLane, 'images'> {
  /** All frames, one image after the other. */
  images: ImagePixels;
  frames: number;
  count: number;
  node: HTMLElement;
  set: HTMLCanvasElement;
  tests: HTMLCanvasElement;
  /** Frame of the film that is drawn. */
  drawn: number;
}

interface Colours {
  text: string;
  good: string;
  bad: string;
  edge: string;
  backdrop: string;
}

interface View extends MountedView {
  root: HTMLElement;
  lanes: Lane[];
  /** All test images side by side, drawn once. */
  sheet: HTMLCanvasElement;
  head: Head;
  side: number;
  sent: string;
  /** Test images that have passed a network, a fraction of the next one included. */
  passed: number;
  /** Milliseconds of the film that were played. */
  played: number;
  playing: boolean;
  frame: number;
  last: number;
  button: HTMLButtonElement;
  colours: Colours;
}
