// Types of the star map, for tsc alone.

/** Shape of images [image, channel, height, width] whose pixels follow the header. */
type ImageShape = [count: number, channels: number, height: number, width: number];

/** Stars of a panel, values.py's `PROJECTED`: a list entry per star. */
interface PanelStars {
  name: string;
  positions: Point[];
  /** The class of each star. */
  label: number[];
  /** The position of each star's image in its class. */
  image: number[];
  hover_images: ImageShape | null;
}

/** Fields of values.py's `Panel`. */
interface PanelHead extends PanelStars {
  title: string;
  start: Point[] | null;
  kind: string;
  /** Whether newer and stored projections may move its stars. */
  moving: boolean;
}

/** Header of the bytes that an address answers. */
interface ProjectionHead {
  iteration: number;
  alt: string;
  caption: string[];
  /** Whether a newer one follows: fetched without waiting for news. */
  behind?: boolean;
  panels: PanelStars[];
}

/** Header of a complete map, which the page's script sends: the fields of `FeatureMap`. */
interface MapHead extends ProjectionHead {
  panels: PanelHead[];
  /** Identity of the real images: zoom, trails and glides go on while it is the same. */
  key: string;
  /** Positions of the real images. */
  positions: Point[];
  label: number[];
  class_names: string[];
  /** Classes that get the palette's colours, in its order; all others are grey. */
  coloured: number[];
  source: string;
  subject: string;
  film: string;
  thumbs: string;
  picked: ImagePick | null;
  pickable: boolean;
  /** How many past positions a trail shows. */
  trails: number;
  starts: boolean;
  /** CSS pixels of a panel at most. */
  height: number;
  /** Selector of the container that its panels fit in. */
  within: string;
}

interface Packed<Head> {
  head: Head;
  pixels: Uint8Array;
}

/** Where the stars of each panel are at an iteration. */
interface Projection {
  iteration: number;
  alt: string;
  caption: string[];
  behind?: boolean;
  panels: Map<string, PanelStars & { pictures: ImagePixels | null }>;
}

/** Points by the star's id. */
type Positions = Map<string, Point>;

/** A synthetic image. It glides from (fromX, fromY) to (toX, toY); x, y is where it is drawn. */
interface Star {
  /** See `idOf`. */
  id: string;
  label: number;
  image: number;
  /** Its place in the panel's lists. */
  index: number;
  x: number;
  y: number;
  toX: number;
  toY: number;
  fromX: number;
  fromY: number;
}

interface Panel {
  node: HTMLElement;
  title: HTMLElement;
  canvas: HTMLCanvasElement;
  /** Bitmap of what stands still behind the stars. */
  background: HTMLCanvasElement;
  name: string;
  /** What its stars are, for descriptions. */
  kind: string;
  moving: boolean;
  pictures: ImagePixels | null;
  stars: Star[];
  /** The stars in drawing order. */
  drawn: Star[];
  starts: Positions;
  /** Earlier positions, oldest first. */
  past: Positions[];
}

/** A star, or a real image by its index. */
type Target = { star: string; real?: undefined } | { real: number; star?: undefined };

/** How stars get to their new positions. */
interface Transition {
  /** Milliseconds. */
  lasts?: number;
  /** They are there at once. */
  jump?: boolean;
  /** Their trails are the film's. */
  back?: boolean;
  /** In panels that do not move as well. */
  all?: boolean;
}

/** State of a mounted map. Fields without a question mark are there once it has its first data. */
interface View extends MountedView {
  root: HTMLElement;
  /** What scrolls around the map, where its panels are to be in sight whole. */
  container: Element | null;
  box: HTMLElement;
  shapes: HTMLElement;
  classes: HTMLElement;
  caption: HTMLElement;
  status: HTMLElement;
  tooltip: HTMLElement;
  /** Bitmap of the real images, the same in all panels. */
  dots: HTMLCanvasElement;
  panels: Panel[];
  head: MapHead;
  send: SendValue;
  /** Header that the script sent last. */
  lastHeader?: string;

  // classes and colours
  /** The palette index of each coloured class. */
  series: Map<number, number>;
  /** Series that are not shown: a class, or `OTHER`. */
  hidden: Set<number>;
  /** What the legend was built from. */
  legend?: string;
  colour: { palette: string[]; grey: string; primary: string; text: string; backdrop: string };
  /** Indices of the real images in drawing order. */
  order: number[];
  sprites: Map<string, HTMLCanvasElement>;

  // geometry
  arrangedAt?: string;
  /** Canvas pixels per CSS pixel. */
  ratio: number;
  /** Font size of the page over 16 pixels: everything grows with it. */
  scale: number;
  /** CSS pixels of a panel. */
  size: { width: number; height: number };
  bounds: { left: number; right: number; low: number; high: number };
  zoom: number;
  /** Position in the middle of a panel. */
  x: number;
  y: number;
  /** CSS pixels per unit of the map, and where the map's origin is. */
  unit: number;
  left: number;
  top: number;
  /** Whether the bitmaps have to be drawn anew. */
  stale?: boolean;

  // projections
  /** The newest projection, and the one on screen. */
  live: Projection;
  projection?: Projection;
  iteration: number;
  /** Stored projections by iteration, of the film at address `filmOf`. */
  frames: Map<number, Projection>;
  filmOf?: string;
  /** The stored iteration that is shown; null: the newest. */
  at: number | null;
  captionText?: string;
  glide?: { began: number; lasts: number } | null;
  /** Whether stars have moved since the mouse was looked at. */
  glided?: boolean;
  /** Projections that moved a star, for tests. */
  ticks?: number;
  /** Pending animation frame. */
  drawRequest?: number;
  filmTimer?: number | null;
  filmFetchedAt?: number;
  /** Of the newest projection, where it was fetched. */
  version?: Version | null;
  refreshTimer?: number | null;
  refreshedAt?: number;
  /** Whether there may be a newer projection than the one that was fetched. */
  outdated?: boolean;

  // mouse, fingers, keys
  pointed: (Target & { panel: Panel }) | null;
  picked: { panel: string; star: string } | null;
  mouse?: { panel: Panel; x: number; y: number } | null;
  drag?: { x: number; y: number; moved: boolean } | null;
  /** Whether the pointer was dragged since it was pressed: then a click picks nothing. */
  dragged?: boolean;
  pinch?: { x: number; y: number; apart: number };
  thumbs?: (ImagePixels & { count: number }) | null;
  thumbsOf?: string;
  thumbsFetchedAt?: number;
  thumbsTimer?: number | null;
}
