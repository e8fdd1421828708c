"""Where things lie that can be made again: trained networks and maps. Must not import torch."""

import os
from pathlib import Path

from platformdirs import user_cache_path


def find_cache_root(option: str | Path | None = None) -> Path:
    """Where trained networks and maps lie: the option, else `DM_CACHE`, else the user's cache folder."""
    chosen = option or os.environ.get("DM_CACHE")
    return Path(chosen).expanduser() if chosen else user_cache_path("dm-explorer")
