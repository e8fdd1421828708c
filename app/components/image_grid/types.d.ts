// Types of the image grid, for tsc alone.

/** A titled row or block of images. */
interface Lane {
  name: string;
  title: string;
  /** Images per class. */
  images: number;
  /** Position in its class of the first image. */
  first: number;
  /** Images in each class, shown or not. */
  of: number;
  /** Whether 128 is zero. */
  signed?: boolean;
  /** 1 or 3. */
  channels: number;
  /** Pixels of an image. */
  height: number;
  width: number;
  /** Images in a row of the mosaic. */
  columns: number;
}

/** Fields of component.py's `Lane`, the pixels by their shape. */
interface PackedLane {
  name: string;
  title: string;
  pixels: [classes: number, images: number, channels: number, height: number, width: number];
  first: number;
  of: number | null;
  signed: boolean;
}

/** Header of a frame, the fields of `ImageGrid`. A film's frames have only what changes, see `mergeFrame`. */
interface Head {
  lanes: Lane[];
  class_names: string[];
  iteration: number;
  alt: string;
  caption: string[];
  picked: ImagePick | null;
  pickable: boolean;
  /** CSS pixels. */
  max_height: number;
  /** CSS pixels of the window's height for what stands around; null: about a third. */
  reserve: number | null;
  /** CSS pixels of an image's longer side at most. */
  largest: number;
  /** Rem of what is to be in sight below it; null: `max_height` decides. */
  below: number | null;
  captioned: boolean;
  /** Address of the newest frame. */
  source: string;
  subject: string;
  film: string;
  /** Position of a class on the page that it begins with, where classes are paged. */
  first_class: number;
}

type PlannedHead = Pick<Head, 'lanes' | 'class_names' | 'max_height' | 'reserve' | 'largest'>;

/** Width of a text in CSS pixels. */
type Measure = (text: string, weight?: number) => number;

/** Names of the classes, measured, in CSS pixels. */
interface Names {
  widest: number;
  /** Its width, within limits: a longer one is broken. */
  longestWord: number;
  /** The most lines that one of them takes in a width. */
  lines: (width: number) => number;
}

interface Frame {
  head: Head;
  pixels: Uint8Array;
}

/** Positions of lane, class and image among those that are shown. */
interface ImageId {
  lane: number;
  label: number;
  image: number;
}

/** An image and its top left corner in CSS pixels of the canvas. */
interface Cell extends ImageId {
  /** CSS pixels of its longer side. */
  size: number;
  x: number;
  y: number;
}

/** Every class a column, every lane a row, in as many bands as needed. */
interface TableLayout {
  table: true;
  /** CSS pixels of an image's longer side. */
  size: number;
  /** Width of a column. */
  cell: number;
  /** Height of a row. */
  row: number;
  /** Width of the column of titles; 0: titles above their rows. */
  title: number;
  /** Classes in a band. */
  columns: number;
  /** Estimated. */
  height: number;
}

/** A block of images per class. */
interface BlockLayout {
  table: false;
  /** CSS pixels of an image's longer side. */
  size: number;
  /** Classes side by side. */
  across: number;
  /** Whether a name stands beside its images; else above them. */
  beside: boolean;
  /** Width of a name beside its images. */
  name: number;
  /** Images in a row of a block. */
  fit: number;
  /** Estimated. */
  height: number;
}

/** Lanes side by side, a row per class, its name in front. */
interface LanesLayout {
  lanes: true;
  /** CSS pixels of the smallest images' longer side. */
  size: number;
  /** Height of a row. */
  row: number;
  /** Width of the names. */
  name: number;
  columns: LaneColumn[];
  /** Estimated. */
  height: number;
}

interface LaneColumn {
  /** Images in a line. */
  fit: number;
  /** CSS pixels of an image's longer side. */
  size: number;
  /** CSS pixels. */
  width: number;
}

type Layout = TableLayout | BlockLayout | LanesLayout;

/** With the number of classes that are shown at once. */
type PagedLayout = Layout & { classes: number };

/** What the page leaves for a grid. */
interface Room {
  /** CSS pixels; null: `max_height` and `reserve` decide. */
  height: number | null;
  /** CSS pixels of height beyond which classes are paged; null: never. */
  page: number | null;
  /** CSS pixels of a line of text. */
  line: number;
}

/** State of a mounted grid. Fields without a question mark are there once it has its first frame. */
interface View extends MountedView {
  root: HTMLElement;
  canvas: HTMLCanvasElement;
  labels: HTMLElement;
  status: HTMLElement;
  caption: HTMLElement;
  pager: HTMLElement;
  /** Position of a class on the page of classes that is shown. */
  firstClass: number;
  /** Timer that tells the page's script of a turned page. */
  turning?: ReturnType<typeof setTimeout>;
  /** What the script's newest frame shows. */
  subject?: string;
  /** A mosaic per lane. */
  sources: HTMLCanvasElement[];
  picked: ImageId | null;
  /** Under the mouse, or reached by keys. */
  pointed: Cell | null;
  head: Head;
  frame: Frame;
  cells?: Cell[];
  colour: { primary: string; text: string; backdrop: string };
  layout: PagedLayout;
  /** What the layout depends on. */
  shape?: string;
  /** Sizes that the layout was made for. */
  arrangedAt?: string;
  /** Header that the script sent last. */
  lastHeader?: string;
  /** What is shown again after the time machine. */
  liveFrame?: Frame | null;
  /** Of the frame on screen, where it was fetched. */
  version?: Version | null;
  fetching?: boolean;
  /** Whether to fetch once more after this. */
  again?: boolean;
  send: SendValue;
}
