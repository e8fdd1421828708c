// Types for tsc alone: what Streamlit hands to a component's script, the events between the components of a page,
// and what that page has in addition to a plain browser.

/** Where a component's own elements are: a node of the page, or the root of its shadow tree. */
type ComponentRoot = ParentNode & { closest?: Element['closest'] };

/** Sends a value to the script, under a name that component.py listens to (`on_NAME_change`). */
type SendValue = (name: string, value: unknown) => void;

/** What Streamlit calls a component's function with: at first, on every update and when the theme changes. */
interface ComponentUpdate<Data> {
  data: Data;
  parentElement: ComponentRoot;
  setStateValue: SendValue;
  setTriggerValue: SendValue;
}

type Point = [x: number, y: number];

/** A picked image: its set, its class and its index there. */
type ImagePick = [set: string, label: number, image: number];

/** Images of one size: uint8 [image, channel, height, width] with one or three channels. */
interface ImagePixels {
  pixels: Uint8Array;
  channels: number;
  height: number;
  width: number;
}

/** What of a component's state was sent and reported, see reported_state.js. */
interface ReportedState {
  /** State that the script sent last, as JSON. */
  sent: string;
  /** Those it was sent and has not repeated yet. */
  unrepeated: string[];
}

/** What mounted_view.js adds to the view that a component keeps. */
interface MountedView {
  /** Whether it is no longer in the page: frames and answers that come now are for nobody. */
  stopped?: boolean;
  stop: () => void;
}

/** Version of the state on screen: its entity tag, and the address it was fetched from. */
interface Version {
  source: string;
  tag: string;
}

/** `dm-news`: a live line has seen a change of its subject. */
interface NewsDetail {
  subject: string;
  /** Followers add a promise: whether they show the newest state. */
  waits: Promise<boolean>[];
}

/** `dm-scrub`: the timeline shows a stored iteration, or is `over` and live again. */
interface ScrubDetail {
  subject: string;
  /** Address of the film that `frame` belongs to. */
  film: string;
  iteration?: number;
  /** A thumbnail frame (see packed_frame.js), once it is there. */
  frame?: Uint8Array<ArrayBuffer>;
  over?: boolean;
}

interface WindowEventMap {
  'dm-news': CustomEvent<NewsDetail>;
  'dm-scrub': CustomEvent<ScrubDetail>;
  /** A term of the formula is lit, by its name; empty: none. */
  'dm-term': CustomEvent<string>;
  'plotly-ready': Event;
}

interface Window {
  /** When a live line last made the page's script run, in milliseconds of `performance.now()`. */
  dmTurned?: number;
  /** Random id of this tab for the server's count of viewers. */
  dmViewer?: string;
  /** Whether this tab closes the menu of a phone once a page is chosen in it. */
  dmClosesMenu?: boolean;
  /** Index of the page that this tab showed last. */
  dmPage?: number;
  Plotly?: PlotlyLibrary;
  /** plotly.js, once a figure or an idle moment has asked for it. */
  dmPlotly?: Promise<PlotlyLibrary>;
  /** Timer after which it is requested ahead of the first figure. */
  dmPlotlyWait?: ReturnType<typeof setTimeout>;
}

/** The part of plotly.js that live_figure.js uses. */
interface PlotlyLibrary {
  react(node: HTMLElement, data: object[], layout: object, config: object): Promise<void>;
  purge(node: HTMLElement): void;
  downloadImage(
    figure: { data: object[]; layout: object },
    options: { format: 'svg' | 'png'; scale: number; width: number; height: number; filename: string },
  ): Promise<string>;
  Icons: Record<string, object>;
}

/** A figure of small_figure.py: shapes are a tag, its attributes, the words of a text, and what is shown on hover. */
interface SmallFigure {
  shapes: [tag: string, attributes: Record<string, string>, words: string, title: string][];
  width: number;
  height: number;
  name: string;
}
