"""CSS rules that Streamlit's own layout does not offer; colours come from the theme."""

APP_STYLE = """<style>
.st-key-run_bar { font-size: 0.95rem; }
/* Streamlit's own running icon and dimming would flicker at every click, and its Stop is not ours. */
[data-testid="stStatusWidget"] { display: none; }
[data-stale="true"] { opacity: 1 !important; }
/* A label that is too long for its button wraps to a second line. */
.stButton button { height: auto; min-height: 2.5rem; }
.stButton button [title], .stMarkdownEllipsis, .stMarkdownEllipsis p {
  white-space: normal;
  overflow: visible;
}
/* A selected option has a tint of its own colour as background: lighter or darker text keeps it readable. */
[data-selected="true"] p { color: color-mix(in srgb, currentColor 60%, CanvasText); }
[data-testid="stSliderThumbValue"] p { color: CanvasText; }
[data-testid="stMarkdownContainer"] code { font-size: max(0.875rem, 0.9em); }
</style>"""

PAGE_STYLE = """<style>
.stMainBlockContainer { padding: 4.2rem 2.5rem 2rem; }
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { font-size: 0.9rem; opacity: 1; }
/* Fixed, or Chromium leaves it at the presenter's size when the presenter is left. */
[data-testid="stTooltipIcon"] svg { width: 16px; height: 16px; }
.st-key-watch_head h3, .st-key-watch_empty_head h3 { padding: 0; font-size: 1.25rem; }
/* Pause and Go on are equally wide, so that the buttons next to them stay where they are. */
.st-key-pause button { min-width: 5.5rem; }
table.results { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
table.results th, table.results td { text-align: left; padding: 0.25rem 0.8rem 0.25rem 0; font-weight: 400; }
div.wide { overflow-x: auto; }
table.results .interval { font-size: 0.9rem; }
table.results.numbers td, table.results.numbers th { vertical-align: top; }
table.results th { font-weight: 600; border-bottom: 1px solid var(--st-border-color, currentColor); }
@media (max-width: 899px) {
  .stMainBlockContainer { padding-left: 1rem; padding-right: 1rem; }
  .st-key-watch_row > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] {
    flex-direction: column;
  }
  .st-key-watch_row [data-testid="stColumn"] { width: 100%; min-width: 100%; flex: 1 1 auto; }
  .st-key-watch_head { row-gap: 0.5rem; }
  .st-key-watch_head .st-key-presenter { display: none; }  /* a phone is no projector */
  .st-key-watch_head > [data-testid="stElementContainer"]:has([data-testid="stHeading"]),
  .st-key-watch_head > [data-testid="stElementContainer"]:has([data-testid="stCaptionContainer"]) {
    flex: 1 0 100%;
  }
  .st-key-watch_presenter_hidden > .st-key-speed,
  .st-key-watch_presenter_hidden > .st-key-one_iteration { order: 1; }
  [data-variant="segmented_control"] { padding-left: 0.5rem; padding-right: 0.5rem; }
}
@media (max-width: 599px) {
  /* No room for four columns of numbers: each row becomes a block, each number is labelled. */
  table.results :is(tbody, tr, td) { display: block; }
  table.results thead { display: none; }
  table.results tr { padding: 0.3rem 0; border-bottom: 1px solid currentColor; }
  table.results td { padding: 0.1rem 0; }
  table.results td:first-child { font-weight: 600; }
  table.results td:not(:first-child)::before { content: attr(data-heading) ": "; }
}
</style>"""
