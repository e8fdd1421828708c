"""Which images of a run are stored, in a sentence, and what stands in their place while there are none."""

from app.components.states import show_empty, show_loading
from app.jobs.run_view import RunView
from app.run.stage_content import STAGE_HEIGHT
from dmcore.config.formatting import grouped
from dmcore.runs.folder import RunFolder


def kept_sentence(run: RunFolder) -> str:
    """What is stored of a run that failed."""
    stored = run.snapshots()
    if not stored:
        return "No images of it are stored."
    return f"Its images up to iteration {grouped(stored[-1])} are stored: the timeline shows them."


def show_no_images(key: str, view: RunView) -> None:
    """Frame of the images that come; of a run that has ended without any, a sentence.

    Args:
        key: of its elements.
        view: the run's newest state.
    """
    if view.status.in_progress:
        show_loading(f"{key}_frame", "The first images appear here in a moment.", STAGE_HEIGHT)
    else:
        show_empty(key, "No images of this run are stored.", height=STAGE_HEIGHT)
