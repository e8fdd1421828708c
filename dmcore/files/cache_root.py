"""Cache folder of what can be computed again: trained networks, projections, results."""

import os
from pathlib import Path

from platformdirs import user_cache_path


def find_cache_root(option: str | Path | None = None) -> Path:
    """Cache folder: the option, else `DM_CACHE`, else the user's cache folder of the system."""
    folder = option or os.environ.get("DM_CACHE")
    return Path(folder).expanduser() if folder else user_cache_path("dm-explorer")
