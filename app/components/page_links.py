"""Paths of the page scripts, for `st.switch_page` from one page to another."""

from app import ROOT

_FOLDER = ROOT / "pages"
WATCH_PAGE = _FOLDER / "watch.py"
FEATURE_PAGE = _FOLDER / "feature_space.py"
RUNS_PAGE = _FOLDER / "runs.py"
COMPARE_PAGE = _FOLDER / "compare.py"
DISTRIBUTION_PAGE = _FOLDER / "network_distribution.py"
ACCURACY_PAGE = _FOLDER / "accuracy.py"
ARCHITECTURES_PAGE = _FOLDER / "architectures.py"
PAPER_PAGE = _FOLDER / "paper.py"
HOW_IT_WORKS_PAGE = _FOLDER / "how_it_works.py"
