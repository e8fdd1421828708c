"""Registry of the chapters, in their order. A new one is a module beside this one, and a line here."""

from app.views.how_it_works.augmentation import AUGMENTATION
from app.views.how_it_works.averaging import AVERAGING
from app.views.how_it_works.chapter import Chapter
from app.views.how_it_works.embedding import EMBEDDING
from app.views.how_it_works.ever_new_networks import EVER_NEW_NETWORKS
from app.views.how_it_works.limits.chapter import LIMITS
from app.views.how_it_works.the_pull import THE_PULL
from app.views.how_it_works.what_is_asked_for import WHAT_IS_ASKED_FOR

CHAPTERS: tuple[Chapter, ...] = (
    WHAT_IS_ASKED_FOR,
    EMBEDDING,
    THE_PULL,
    EVER_NEW_NETWORKS,
    AVERAGING,
    AUGMENTATION,
    LIMITS,
)
