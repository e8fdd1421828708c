"""What the first page needs, read ahead while the browser loads the scripts of Streamlit.

The recorded run comes first: its early moments are in the HTML that the browser is sent. It takes most of a
second before it asks for the page; by then the modules are there. Nothing larger is read here: it would delay
those scripts.
"""

import pkgutil
import threading
from importlib import import_module

from app.server.first_paint import first_paint
from app.views import watch


def read_first_page_ahead() -> None:
    """Begin to read in a thread of its own; a page that opens meanwhile waits for what it needs."""
    threading.Thread(target=_read, name="first page", daemon=True).start()


def _read() -> None:
    first_paint()
    for module in pkgutil.iter_modules(watch.__path__):
        import_module(f"{watch.__name__}.{module.name}")
