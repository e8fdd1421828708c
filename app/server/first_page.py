"""What the first page needs, read ahead while the browser loads the scripts of Streamlit.

A browser takes most of a second before it asks for the page; by then the modules and the recorded run are
there. Nothing larger is read here: it would delay those scripts.
"""

import pkgutil
import threading
from contextlib import suppress
from importlib import import_module

from app.views import watch
from app.views.watch.front_recording import front_recording


def read_first_page_ahead() -> None:
    """Begin to read in a thread of its own; a page that opens meanwhile waits for what it needs."""
    threading.Thread(target=_read, name="first page", daemon=True).start()


def _read() -> None:
    for module in pkgutil.iter_modules(watch.__path__):
        import_module(f"{watch.__name__}.{module.name}")
    with suppress(ValueError):  # the page reads it again and says what is missing
        front_recording()
