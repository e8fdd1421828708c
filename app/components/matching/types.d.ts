// Types of the scene of a matching step, for tsc alone.

/** Shape of images in a packed frame: [image, channel, height, width]. */
type Shape = [images: number, channels: number, height: number, width: number];

/** Fields of `LayerScene` of dmcore/runs/recompute/matching_scene.py. */
interface PackedLayer {
  name: string;
  real: number;
  synthetic: number;
  distance: number;
  cosine: number;
  rows: Shape;
}

/** Fields of `LastLayerRow` of dmcore/runs/recompute/matching_values.py, which the page shows as a table. */
interface LastLayerRow {
  weight: number;
  gradient: number;
  weighted_mean: number;
  difference: number;
  alignment: number;
}

/** Fields of `Epoch` there. */
interface Epoch {
  loss: number;
  accuracy: number;
}

/** Fields of `MatchingScene`, images by their shape. */
interface PackedMatching {
  iteration: number;
  outer: number;
  outer_steps: number;
  images_per_class: number;
  batch: number;
  operation: string;
  parameters: Record<string, number>;
  loss: number;
  mean_loss: number;
  next_loss: number | null;
  moved: number;
  gradient_range: number;
  filter_range: number;
  real: Shape;
  real_augmented: Shape;
  synthetic: Shape;
  synthetic_augmented: Shape;
  after: Shape;
  gradient: Shape;
  filters: Shape;
  layers: PackedLayer[];
  last_layer: LastLayerRow[];
  epochs: Epoch[];
  epochs_before: number;
}

type PictureName =
  | 'real'
  | 'real_augmented'
  | 'synthetic'
  | 'synthetic_augmented'
  | 'after'
  | 'gradient'
  | 'filters';

/** Header of the frame: the fields of component.py's `Matching`. */
interface MatchingHead {
  scene: PackedMatching;
  phases: string[];
  sentences: string[];
  augmentation: string;
  remote: boolean;
  below: number;
}

interface View extends MountedView {
  root: HTMLElement;
  head: MatchingHead;
  pictures: Record<PictureName, Picture[]>;
  /** Of each layer its cosines, an image of one row. */
  rows: Picture[];
  /** From 1. */
  phase: number;
  playing: boolean;
  timer: number;
  colours: SignedColours;
}
