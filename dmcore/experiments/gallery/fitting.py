"""Whether a recorded entry is what its configuration asks for today. Never imports torch."""

from dmcore.experiments.gallery.entries import GalleryEntry, GalleryRun
from dmcore.experiments.gallery.recorded import RecordedEntry
from dmcore.experiments.gallery.results import find_result


def difference(entry: GalleryEntry, recorded: RecordedEntry) -> str:
    """What a recorded entry lacks, or in what it differs from its configuration; empty where it fits."""
    if isinstance(entry, GalleryRun):
        run = recorded.run
        if run is None:
            return recorded.problem or "it is recorded as a table"
        if run.config != entry.config:
            return "the run was condensed with another configuration"
        for name in run.set_names:
            for kind, protocol in entry.protocols.items():
                if find_result(run, name, kind, protocol) is None:
                    return f"the evaluation of {kind.replace('_', ' ')} images by its protocol is missing"
        if entry.scenes and not any(run.path.glob("scenes/*.npz")):
            return "the scenes of its first updates are missing"
        if entry.map and not any(run.path.glob("maps/*.npz")):
            return "the map of its images is missing"
        return ""
    results = recorded.results
    if results is None:
        return recorded.problem or "it is recorded as a run"
    if results.table.key != entry.table().key:
        return f"the table has the key {results.table.key}, its configuration {entry.table().key}"
    missing = len(results.table.cells) - results.complete_cells
    return f"{missing} of its cells have no result" if missing else ""
