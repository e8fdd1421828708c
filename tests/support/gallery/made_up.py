"""A gallery on the digits: two runs of four iterations, and tables with made-up accuracies."""

from pathlib import Path

from dmcore.experiments.gallery.provenance import EntryKind, Provenance
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.results import CellResult, NetworkResult, Results, write_results
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table3 import Table3Config
from dmcore.experiments.table4 import Table4Config
from dmcore.files.checked_json import write_record
from dmcore.runs.folder import RunFolder
from dmcore.runs.packing.packed import FILE, Packed
from support.small_runs import TINY, record_run

DIGITS = DataFacts("digits", "Digits", (1, 8, 8), 1437)
RECORDED_TABLE1 = Table1Config(methods=("random", "herding", "dm"), images_per_class=(1, 10), repeats=3)
"""Recorded with another number of networks, and without some methods of the laptop preset."""
PROVENANCE = "Recorded 28 Nov 2026 on 2 CPU cores, 3 sets × 2 networks, 14 min, commit abc1234."


def make_gallery(folder: Path) -> None:
    """Make a gallery in `folder`: the tables 1, 3 and 4, and the runs `from-noise` and `from-real`."""
    root = folder / "runs"
    runs = [
        record_run(root, TINY.model_copy(update={"init": init}), f"Four steps from {init}")
        for init in ("noise", "real")
    ]
    for run, init in zip(runs, ("noise", "real"), strict=True):
        stored = {name: tuple(run.snapshots(name)) for name in run.set_names}
        write_record(run.path / FILE, Packed(snapshots=stored))
        write_provenance(folder, f"from-{init}", "run", f"Digits from {init}", run.id)
    for config in (RECORDED_TABLE1, Table3Config(), Table4Config()):
        table = config.table(DIGITS)
        write_results(root, made_up_results(table, runs[0]))
        write_provenance(
            folder, f"{table.name}-digits", "table", table.title, f"{table.name}-{table.key}.json"
        )


def made_up_results(table: Table, run: RunFolder, cells: int | None = None) -> Results:
    """Results of a table: an accuracy for each network of its first cells, or of all; images of a run."""
    cell_results = {
        index: CellResult(
            digest=f"set {index}",
            run=run.id,
            set=run.set_names[0],
            iteration=4,
            images=20,
            network_results=tuple(
                NetworkResult(
                    repeat=repeat,
                    accuracy=50.0 + index % 7 + repeat,
                    curve=((0, 20.0), (9, 50.0)),
                    file=f"{index}/{repeat}",
                )
                for repeat in range(cell.repeats)
            ),
        )
        for index, cell in enumerate(table.cells[:cells])
    }
    return Results(table=table, cell_results=cell_results)


def write_provenance(folder: Path, name: str, kind: EntryKind, title: str, source: str) -> None:
    """Write the provenance record of an entry of a made-up gallery."""
    provenance = Provenance(
        name=name,
        kind=kind,
        title=title,
        commit="abc1234",
        date="2026-11-28",
        machine="2 CPU cores",
        command=f"dmcore gallery build {name}",
        sets=3,
        networks=2,
        seconds=840.0,
        dataset="digits",
        source=source,
    )
    (folder / "provenance").mkdir(exist_ok=True)
    write_record(folder / "provenance" / f"{name}.json", provenance)
