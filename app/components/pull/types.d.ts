// Types of the pull, for tsc alone.

/** Shape of images in a packed frame: [image, channel, height, width]. */
type Shape = [images: number, channels: number, height: number, width: number];

/** Fields of `UpdateScene` of dmcore/runs/recompute/scene.py, images by their shape. */
interface PackedScene {
  iteration: number;
  draw: number;
  images_per_class: number;
  batch: number;
  operation: string;
  parameters: Record<string, number>;
  features: number;
  loss: number;
  recorded: number | null;
  comparison: string;
  mean_loss: number;
  distance: number;
  moved: number;
  image_lr: number;
  momentum: number;
  gradient_range: number;
  filter_range: number;
  real_points: Point[];
  synthetic_points: Point[];
  real: Shape;
  real_augmented: Shape;
  synthetic: Shape;
  synthetic_augmented: Shape;
  after: Shape;
  gradient: Shape;
  filters: Shape;
  real_maps: Shape[];
  synthetic_maps: Shape[];
}

/** Pictures of a scene, by the field they come from. */
interface ScenePictures {
  real: Picture[];
  real_augmented: Picture[];
  synthetic: Picture[];
  synthetic_augmented: Picture[];
  after: Picture[];
  gradient: Picture[];
  filters: Picture[];
  /** For each block, of each image its maps. */
  real_maps: Picture[][][];
  synthetic_maps: Picture[][][];
}

interface Scene {
  values: PackedScene;
  pictures: ScenePictures;
}

/** Header of the frame: the fields of component.py's `Pull`, and what is shown of it. */
interface PullHead {
  scenes: PackedScene[];
  sentences: string[][];
  details: string[];
  words: string[];
  augmentations: string[];
  class_names: string[];
  label: number;
  iterations: number;
  state: PullState;
  revealed: boolean;
  page_keys: boolean;
  remote: boolean;
  below: number;
}

/** Fields of state.py's `PullState`. */
interface PullState {
  iteration: number;
  phase: number;
  label: number;
  image: number;
  /** 1: Algorithm 1 stands in symbols, 0: in words. */
  formula: number;
}

/** Where the pull stands. */
interface Position {
  scene: number;
  phase: number;
}

interface PullColours extends SignedColours {
  real: string;
  accent: string;
  text: string;
  quiet: string;
  backdrop: string;
  line: string;
}

interface View extends MountedView {
  root: HTMLElement;
  head: PullHead;
  scenes: Scene[];
  /** What tells the scenes from others. */
  content: string;
  at: Position;
  playing: boolean;
  revealed: boolean;
  pageKeys: boolean;
  /** Whether Page Down and Page Up, a presentation remote's keys, go from phase to phase. */
  remote: boolean;
  /** Images whose maps are shown. */
  image: number;
  synthetic: number;
  /** 1: Algorithm 1 stands in symbols. */
  formula: number;
  /** How far the phase on screen has come, 0 to 1. */
  progress: number;
  /** Term that is pointed at; empty: none. */
  term: string;
  reports: ReportedState;
  report: SendValue;
  timer: number;
  frame: number;
  colours: PullColours;
}
