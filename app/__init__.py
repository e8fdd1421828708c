"""The Streamlit app: entry script, background thread, live views, forms, plots, pages."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_BUNDLED = PACKAGE / "_bundled"
"""In an installed wheel: `pages/` and `.streamlit/`, which are next to `app/` in the repository."""
ROOT = _BUNDLED if _BUNDLED.is_dir() else PACKAGE.parent
"""The folder that holds `pages/` and `.streamlit/`."""
