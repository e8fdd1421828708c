// Types of the embedding, for tsc alone.

/** What the address names; app/components/embedding/state.py has the same fields. */
interface EmbeddingState {
  /** Class of the image, and the class that it is compared with. */
  label: number;
  other: number;
  image: number;
  seed: number;
  /** Pixels, see pixel_editing.js; empty: an image of the class. */
  drawing: string;
}

interface EmbeddingHead {
  sheet: SheetHead;
  state: EmbeddingState;
  /** Whether a prediction was made: before, the other class and the measured shares are hidden. */
  revealed: boolean;
}

/** What is seen at a beat: which image, how far it is, how many images are points already. */
interface Scene {
  label: number;
  image: number;
  /** Of `PHASES`. */
  phase: number;
  own: number;
  others: number;
  /** Whether it is what the reader has chosen, a drawing too. */
  rests: boolean;
}

/** Two classes in a network, laid into a plane. */
interface Map2d {
  seed: number;
  label: number;
  other: number;
  clouds: [Point[], Point[]];
  means: [Float64Array, Float64Array];
  meanPlaces: [Point, Point];
  /** Place of any features. */
  place: (features: ArrayLike<number>) => Point;
  /** Between the means, in the space of all features. */
  distance: number;
  /** Half of the shown width and height, in the same unit. */
  reach: Point;
}

interface EmbeddingColours {
  text: string;
  backdrop: string;
  quiet: string;
  line: string;
  own: string;
  other: string;
  accent: string;
}

interface View extends MountedView {
  root: HTMLElement;
  sheet: ImageSheet;
  state: EmbeddingState;
  reports: ReportedState;
  revealed: boolean;
  beat: number;
  playing: boolean;
  frame: number;
  /** When the last beat was, in milliseconds. */
  last: number;
  networks: Map<number, RandomNetwork>;
  /** Features of the images of a class, as many as are computed, by `seed.label`. */
  features: Map<string, Float32Array[]>;
  map: Map2d | null;
  /** Shares by `seed.label.other`. */
  shares: Map<string, number>;
  colours: EmbeddingColours;
  canvases: Record<
    'image' | 'block1' | 'block2' | 'block3' | 'own' | 'other' | 'this' | 'plane' | 'shares' | 'picker',
    HTMLCanvasElement
  >;
  selects: Record<'label' | 'other', HTMLSelectElement>;
  buttons: Record<'play' | 'step' | 'again' | 'network' | 'blank' | 'undo', HTMLButtonElement>;
  picks: HTMLInputElement[];
  /** Where keys edit pixels; a colour while a stroke is drawn. */
  cursor: Point;
  ink: number | null;
  report: SendValue;
}
