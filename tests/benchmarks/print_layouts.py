"""Table of the published layouts that `dmcore import` reads: recognised as, asked, largest difference.

`PYTHONPATH=tests python tests/benchmarks/print_layouts.py`.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from support.published_files import PUBLISHED, PublishedFile

from dmcore.runs.imports import import_run, load_condensed

RECOGNISED = "Recognised as "


def main() -> None:
    print("| layout | recognised as | asked | said | labels | largest difference |")
    print("|---|---|---|---|---|---|")
    for published in PUBLISHED:
        with TemporaryDirectory() as folder:
            print(row(published, Path(folder)))


def row(published: PublishedFile, folder: Path) -> str:
    """Row of one layout: the difference is that of the imported images from the right ones, in deviations."""
    path = published.build(folder)
    said = " ".join(f"--{name} {value}" for name, value in published.options.items())
    try:
        run, asked = import_run(path, folder / "runs", published.dataset), "no"
    except ValueError:
        run, asked = None, "yes"
    if run is None or said:
        run = import_run(path, folder / "runs", published.dataset, **published.options)
    sentences = [note.sentence for note in run.notes()]
    recognised = next((sentence for sentence in sentences if sentence.startswith(RECOGNISED)), "by its names")
    condensed = load_condensed(run)
    labels = "right" if torch.equal(condensed.label, published.label()) else "WRONG"
    difference = float((condensed.images - published.images()).abs().max())
    recognised = recognised.removeprefix(RECOGNISED).rstrip(".")
    return f"| {published.layout} | {recognised} | {asked} | {said} | {labels} | {difference:.1e} |"


if __name__ == "__main__":
    main()
