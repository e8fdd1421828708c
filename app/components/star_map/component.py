"""Star map, the paper's figure 3: scatter plot of real images as a still cloud, of synthetic ones as stars.

One to four linked panels show one map. It has a canvas of its own instead of plotly, because there 100 stars
glide over 2,000 still points at no cost: the points are drawn once into a bitmap, and a frame only copies it
and the stars. Names reach the page as text. The values drawn are in app/components/star_map/values.py.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.components.scripts import join_scripts
from app.components.star_map.values import FeatureMap, StarPick, read_pick

_HTML = """
<div class="map">
<div class="bar"><div class="shapes"></div><div class="zoom" role="group" aria-label="Zoom">
<button type="button" data-by="1.6" aria-label="Zoom in" title="Zoom in">+</button>
<button type="button" data-by="0.625" aria-label="Zoom out" title="Zoom out">−</button>
<button type="button" data-by="0">Whole map</button>
</div></div>
<div class="classes" role="group" aria-label="Classes shown"></div>
<div class="panels"></div>
<div class="caption"></div>
<p role="status"></p>
<div class="tip" popover="manual"><canvas></canvas><div></div></div>
</div>
"""
_CSS = """
.map { font-family: var(--st-font); color: var(--st-text-color); font-size: max(14px, 0.9rem);
       line-height: 1.4; }
.bar, .shapes, .zoom, .classes { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.5rem; }
.bar { justify-content: space-between; }
.shapes { column-gap: 1.1rem; }
.dot { color: color-mix(in srgb, var(--st-text-color) 50%, var(--st-background-color)); }
.classes { margin: 0.45rem 0 0.2rem; gap: 0.3rem; }
button { font: inherit; color: inherit; min-height: 2.25rem; padding: 0.2rem 0.7rem; cursor: pointer;
         background: var(--st-secondary-background-color); border: 1px solid var(--st-border-color);
         border-radius: var(--st-button-radius, 0.5rem); }
.zoom button { min-width: 2.25rem; }
.classes button { display: flex; align-items: center; gap: 0.4rem; max-width: 100%; min-height: 2rem;
                  padding: 0.15rem 0.55rem; text-align: left; }
.classes i { flex: none; width: 0.75rem; height: 0.75rem; border-radius: 50%; box-sizing: border-box;
             border: 2px solid var(--swatch); background: var(--swatch); }
.classes span, .title, .caption div, .tip div { min-width: 0; overflow-wrap: anywhere; hyphens: auto; }
.classes [aria-pressed="false"] { background: none; }
.classes [aria-pressed="false"] i { background: none; }
.classes [aria-pressed="false"] span { text-decoration: line-through; }
.panels { display: grid; gap: 0.9rem 1rem; align-items: end; margin-top: 0.4rem; }
.title { font-weight: 600; margin-bottom: 0.3rem; }
.panel canvas { display: block; box-sizing: border-box; border: 1px solid var(--st-border-color);
                border-radius: 4px; touch-action: pan-x pan-y; }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
.panel canvas:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: -1px; }
.caption div { margin-top: 0.45rem; }
p { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
.tip { position: fixed; inset: auto; margin: 0; padding: 0.5rem; max-width: 14rem; pointer-events: none;
       text-wrap: balance; text-align: center;
       box-sizing: border-box; overflow: hidden; color: var(--st-text-color); font: inherit;
       background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: 6px;
       box-shadow: 0 2px 10px rgb(0 0 0 / 0.25); }
.tip canvas { display: block; margin: 0 auto 0.35rem; max-width: 100%; }
.tip canvas[hidden] { display: none; }
"""
_PARTS = (
    *("../packed_frame", "../newest_state", "geometry", "legend", "stars", "drawing"),
    *("hit_testing", "tooltip"),
    *("panel", "projection", "live_updates", "mount"),
)
_SCRIPT = join_scripts(Path(__file__).parent, _PARTS)
_MAP = st.components.v2.component("dm_feature_map", html=_HTML, css=_CSS, js=_SCRIPT)


def show_feature_map(key: str, shown: FeatureMap, on_pick: Callable[[StarPick], None] | None = None) -> None:
    """Draw the map, or update an already drawn one in place.

    Args:
        key: widget key; identifies the map over updates and reruns.
        shown: what to draw.
        on_pick: called, as a Streamlit callback, when a star is clicked or chosen with Enter; left open,
            nothing can be picked.
    """

    def report() -> None:
        pick = read_pick(st.session_state[key].get("pick"), shown.panels)
        if pick is not None and on_pick is not None:
            on_pick(pick)

    _MAP(key=key, data=shown.packed(on_pick is not None), on_pick_change=report)
