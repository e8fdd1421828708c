// Types of a random network and its images, for tsc alone.

interface NetworkBlock {
  /** [filter, channel, 3, 3] */
  weight: Float32Array;
  bias: Float32Array;
}

type RandomNetwork = NetworkBlock[];

interface FeatureMaps {
  /** [channel, side, side] */
  values: Float32Array;
  channels: number;
  side: number;
}

/** What app/components/random_network/sheet.py sends before the pixels. */
interface SheetHead {
  /** Shape: classes, images of each, height, width. */
  images: number[];
  class_names: string[];
  mean: number;
  deviation: number;
}

/** Images of a data set. */
interface ImageSheet {
  /** Grey values [class, image, 28, 28]. */
  pixels: Uint8Array;
  classNames: string[];
  perClass: number;
  /** Of the data set's pixels, between 0 and 1. */
  mean: number;
  deviation: number;
}
