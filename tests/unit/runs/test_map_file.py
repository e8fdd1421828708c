"""Stored maps of runs: whatever is damaged is one sentence."""

import shutil
from pathlib import Path

import numpy as np

from dmcore.experiments.gallery.recorded import find_recorded
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.map_file import map_file, read_map


def test_a_flipped_bit_is_harmless_or_a_sentence(tmp_path: Path) -> None:
    recorded = find_recorded("fashion-from-noise").run
    assert recorded is not None
    run = RunFolder(shutil.copytree(recorded.path, tmp_path / recorded.path.name))
    path = map_file(run, "random", "tsne")
    whole = path.read_bytes()
    random, sentences = np.random.default_rng(0), []
    in_directory = range(whole.index(b"PK\1\2"), len(whole), 30)
    for position in [*random.integers(0, len(whole), 100).tolist(), *in_directory]:
        content = bytearray(whole)
        content[position] ^= 1 << int(random.integers(8))
        path.write_bytes(content)
        try:
            read_map(run, "random", "tsne")
        except ValueError as error:
            sentences.append(str(error))
    assert len(sentences) > 60
    assert set(sentences) == {f"{path} is damaged: write the map of run {run.id} again"}
