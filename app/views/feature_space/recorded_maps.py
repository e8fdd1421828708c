"""Maps that came with the program: the projection worker's answers about recorded runs, by their cloud."""

import logging
from collections.abc import Mapping

from app.views.feature_space.projection_values import CloudChoice, cloud_choice
from dmcore.experiments.gallery.recorded import recorded_entries
from dmcore.files.messages import Message
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.map_file import map_file, read_map

log = logging.getLogger(__name__)


def recorded_answers(choice: CloudChoice, run: RunFolder | None = None) -> Mapping[str, Message]:
    """Answers of the recorded map of a run, or of any recorded run, on a cloud; empty where there is none.

    A file that is damaged is logged: then the map is computed.
    """
    for entry in recorded_entries():
        if entry.run is None or (run is not None and entry.run.id != run.id):
            continue
        if (
            not _is_on_cloud(entry.run, choice)
            or not map_file(entry.run, choice.features, choice.map).is_file()
        ):
            continue
        try:
            if answers := read_map(entry.run, choice.features, choice.map):
                return answers
        except ValueError as damage:
            log.warning("%s", damage)
    return {}


def _is_on_cloud(run: RunFolder, choice: CloudChoice) -> bool:
    """Whether a run is projected into a cloud: of the same real images, known by their digest."""
    data = run.description.data
    return bool(data.name and data.digest) and cloud_choice(run, choice.features, choice.map) == choice
