"""Registry of the chapters, in their order. A new one is a module beside this one, and a line here."""

from app.views.how_it_works.chapter import Chapter
from app.views.how_it_works.ever_new_networks import EVER_NEW_NETWORKS

CHAPTERS: tuple[Chapter, ...] = (EVER_NEW_NETWORKS,)
