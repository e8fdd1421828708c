"""A gallery of entries that are computed in seconds, on the digits."""

from pathlib import Path

from dmcore.config import EvaluateConfig
from dmcore.data.load import load_dataset
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.gallery.build import BuildEvent, EntryPacked, build_gallery
from dmcore.experiments.gallery.entries import GalleryEntry, GalleryRace, GalleryRun, GalleryTable
from dmcore.experiments.gallery.work import WorkFolder
from dmcore.experiments.table1 import Table1Config
from support.small_runs import TINY
from support.small_tables import SIZES

RUN = GalleryRun(
    "tiny-run", "tiny", TINY, kinds=("condensed", "random_real"), protocol=EvaluateConfig(epochs=2, repeats=2)
)
TABLE = GalleryTable(
    "tiny-table",
    Table1Config(
        dataset="digits", methods=("random", "dm"), images_per_class=(1, 2), seeds=2, repeats=2, **SIZES
    ),
)

RACE = GalleryRace(
    "tiny-race",
    Figure4Config(
        dataset="digits",
        methods=("dm", "dsa"),
        images_per_class=1,
        seconds=1,
        seeds=2,
        repeats=2,
        epochs=2,
        width=4,
        real_batch=4,
    ),
)


def built(folder: Path, *entries: GalleryEntry, work: str = "work", out: str = "gallery") -> list[BuildEvent]:
    """All events of a build in these folders below `folder`."""
    events = build_gallery(
        entries, WorkFolder(folder / work), folder / out, load_dataset, device="cpu", threads=1
    )
    return list(events)


def packed(events: list[BuildEvent]) -> dict[str, bool]:
    """Whether each packed entry is new, by its name."""
    return {event.name: event.is_new for event in events if isinstance(event, EntryPacked)}
