// Types of the averaging, for tsc alone.

type Shape = [images: number, channels: number, height: number, width: number];

/** Header of what component.py packs; the pixels follow in its order: real, mean, learned. */
interface Head {
  name: string;
  real: Shape;
  mean: Shape;
  learned: Shape;
  total: number;
  reach: number;
  revealed: boolean;
}

interface View extends MountedView {
  root: HTMLElement;
  head: Head;
  /** Header and pixels that were sent last. */
  sent: string;
  real: ImagePixels & { count: number };
  mean: ImagePixels;
  learned: ImagePixels;
  /** Images laid on each other; one more than there are: all of the class. */
  laid: number;
  playing: boolean;
  frame: number;
  last: number;
  slider: HTMLInputElement;
  button: HTMLButtonElement;
}
