"""Mutations of the folders of a run and of the root: missing, replaced, and what nobody asked for."""

import shutil
from typing import Any

from support.fuzz.file_mutations import Damage, Mutation
from support.fuzz.root import HEALTHY


def change_a_folder(damage: Damage) -> str:
    """Something other than a file: a folder of the run, or of the root."""
    run = damage.root.path_of(damage.target.run)
    name = damage.random.choice(("sets", "checkpoints", "results", "snapshots", "one set"))
    a_set = damage.random.choice(sorted(run.glob("sets/*")))
    folder = {"snapshots": a_set / "snapshots", "one set": a_set}.get(name, run / name)
    how = damage.random.choice(("deleted", "a file instead", "a link loop instead", "empty", "dangling link"))
    shutil.rmtree(folder)
    if how == "a file instead":
        folder.write_text("text", encoding="utf-8")
    elif how in ("a link loop instead", "dangling link"):
        folder.symlink_to(folder.name if "loop" in how else "no such folder")
    elif how == "empty":
        folder.mkdir()
    return f"folder {name}: {how}"


def add_something(damage: Damage) -> str:
    """Files and folders that nobody asked for, beside the run's own."""
    root, run = damage.root.runs, damage.root.path_of(damage.target.run)
    a_set = damage.random.choice(sorted(run.glob("sets/*")))
    sources = {
        "a copy of the run": lambda: shutil.copytree(run, root / f"{run.name}-copy", symlinks=True),
        "a copy of a set": lambda: shutil.copytree(a_set, a_set.with_name("extra")),
        "a set of another run": lambda: shutil.copytree(
            next((damage.root.path_of(HEALTHY) / "sets").iterdir()), a_set.with_name("foreign")
        ),
        "an empty set": lambda: a_set.with_name("nothing").mkdir(),
        "a file among the sets": lambda: a_set.with_name("file").write_text("text"),
        "an empty run": lambda: (root / "20260101-000000-digits-aaaa").mkdir(),
        "a file in the root": lambda: (root / "file").write_text("text"),
        "a link loop in the root": lambda: (root / "loop").symlink_to("loop"),
        "a link to the run": lambda: (root / "linked").symlink_to(run.name),
        "a link in the run to the root": lambda: (run / "up").symlink_to(".."),
        "a name that is no text": lambda: (run / "results" / "\udcff.json").write_text("{}"),
        "a name with markup": lambda: (root / "<b>").mkdir(),
        "a temporary file": lambda: (run / ".run.json.1.tmp").write_text("half"),
        "run.json in a folder of junk": lambda: _junk(root),
        "a folder among the snapshots": lambda: (a_set / "snapshots" / "0000001.safetensors.d").mkdir(),
        "an empty snapshot": lambda: (a_set / "snapshots" / "0000098.safetensors").touch(),
        "a results file of junk": lambda: (run / "results" / "junk.json").write_text("junk"),
    }
    name = damage.random.choice([*sources])
    (run / "results").mkdir(exist_ok=True)
    sources[name]()
    return f"added: {name}"


def _junk(root: Any) -> None:
    (root / "junk").mkdir()
    (root / "junk" / "run.json").write_text("junk", encoding="utf-8")


FOLDER_MUTATIONS: tuple[Mutation, ...] = (change_a_folder, add_something)
