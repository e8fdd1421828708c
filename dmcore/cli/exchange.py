"""`dmcore export` and `dmcore import`: write a run's images to files, read published sets as runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from dmcore.cli.flags import WrongArgumentsError, one_of
from dmcore.cli.options import Folder, Integer, SetName, Text, WithRuns
from dmcore.data.limits import MOST_ITERATION

if TYPE_CHECKING:
    from dmcore.runs.folder import RunFolder

FORMATS = ("png", "npz", "safetensors", "pt", "imagefolder", "tensorboard", "ddranking")
"""Names of `dmcore.runs.formats.export.FORMATS`, repeated here because that module imports torch."""
PIXELS: tuple[Literal["auto", "normalised", "0-1", "0-255", "zca"], ...] = (
    *("auto", "normalised", "0-1", "0-255", "zca"),
)
"""`dmcore.runs.formats.pixel_scale.PixelScale`, repeated for the same reason."""
LABELS: tuple[Literal["given", "hardest"], ...] = ("given", "hardest")
"""`dmcore.runs.formats.tensor_checks.LabelChoice`, repeated for the same reason."""
MOST_DECODED = 8
"""`dmcore.runs.formats.published.multi_formation.LARGEST_FACTOR`, repeated for the same reason."""
FILMS = ("gif", "webp", "before-after")
"""Names of `dmcore.runs.film.files.FILM_FORMATS`, repeated here so that `--help` need not load it."""
MOVING = ("gif", "webp")
DEFAULT_SECONDS, LONGEST_SECONDS = 10.0, 600


@dataclass(frozen=True, kw_only=True)
class Export(WithRuns):
    """Export the images of a run in a format that other programs read, or as a film."""

    name: SetName
    """Id of a run under the runs root, its path, or latest; with :NAME one set of it, else all its sets."""
    format: Annotated[str, tyro.conf.arg(metavar="{" + ",".join((*FORMATS, *FILMS)) + "}")] = "safetensors"
    """npz, safetensors and pt (the authors' layout) are lossless; png and imagefolder clamp to 8 bits.
    tensorboard is a log with curves and a projector, ddranking what DD-Ranking 0.2.0 evaluates. gif and webp
    are films of every stored iteration, before-after is the first and the last as one image."""
    to: Annotated[Path, tyro.conf.arg(metavar="DIR")] = Path()
    """Folder to write into; created if missing."""
    iteration: Integer = None
    """Write the images of this iteration, one that the run stored; left open, the latest."""
    burn_in: bool = True
    """Print the iteration on every frame of a film."""
    seconds: Annotated[
        float | None, tyro.conf.arg(constructor=float, metavar="FLOAT", help_behavior_hint="")
    ] = None
    """Approximate length of a film; left open, 10."""

    def run(self) -> int:
        """Write the files and print their names.

        With --json {"run", "format", "files", "by_set", "stored_as"}, and "set" where there is only one.
        """
        chosen = one_of("format", self.format, (*FORMATS, *FILMS))
        self.check_options(chosen)
        if chosen in FILMS:
            return self.write_film(chosen)
        run, names = self.open_intact_sets()
        from dmcore.runs.formats.condensed import read_condensed_set
        from dmcore.runs.formats.export import describe_export, export_set

        # all are read before the first is written: a damaged set leaves nothing half done
        sets = [read_condensed_set(run, name, self.iteration) for name in names]
        written = {condensed.name: export_set(run, condensed, chosen, self.to) for condensed in sets}
        by_set = {name: [str(file.absolute()) for file in files] for name, files in written.items()}
        files = [file for of_set in by_set.values() for file in of_set]
        only_set = {"set": names[0]} if len(names) == 1 else {}
        stored_as = {condensed.name: condensed.stored_as for condensed in sets}
        summary = {"run": run.id, **only_set, "format": chosen, "files": files, "by_set": by_set}
        self.output.print_json({**summary, "stored_as": stored_as})
        for sentence in dict.fromkeys(describe_export(condensed, chosen) for condensed in sets):
            self.output.print(sentence)
        for file in files:
            self.output.print(f"wrote {file}")
        return 0

    def write_film(self, chosen: str) -> int:
        """Write a film and print its name; with --json {"run", "sets", "format", "frames", "files"}."""
        run, names = self.open_intact_sets()
        from dmcore.runs.film.files import FILM_FORMATS, export_film
        from dmcore.runs.film.film import open_film

        set_name = names[0] if names != run.set_names else None
        film = open_film(run, set_name, burn_in=self.burn_in)
        file = str(export_film(film, chosen, self.to, self.seconds or DEFAULT_SECONDS).absolute())
        frames = len(film.iterations) if FILM_FORMATS[chosen].moves else 1
        summary = {"run": run.id, "sets": list(names), "format": chosen, "frames": frames, "files": [file]}
        self.output.print_json(summary)
        for sentence in (FILM_FORMATS[chosen].sentence, *film.facts):
            self.output.print(sentence)
        self.output.print(f"wrote {file}")
        return 0

    def open_intact_sets(self) -> tuple["RunFolder", tuple[str, ...]]:
        """Open the run and the sets to export; prints which of the run's small files are damaged.

        Raises:
            DamagedFileError: there is no set left to export.
            ValueError: no such run, or no such set in it.
        """
        from dmcore.runs.problems import find_damage

        run, names = self.open_sets(self.name)
        if not names:
            raise next(
                iter(find_damage(run, events=False)), ValueError(f"run {run.id} has no sets: delete it")
            )
        return run, names

    def check_options(self, chosen: str) -> None:
        """Check that the chosen format can honour the options.

        Raises:
            WrongArgumentsError: it cannot; names the option.
        """
        if self.iteration is not None and chosen in FILMS:
            raise WrongArgumentsError(
                f"--iteration: {chosen} shows the first to the last iteration: leave it out"
            )
        if chosen not in MOVING and (self.seconds is not None or not self.burn_in):
            option = "--seconds" if self.seconds is not None else "--no-burn-in"
            raise WrongArgumentsError(f"{option}: {chosen} is no film: choose --format {' or '.join(MOVING)}")
        if self.seconds is not None and not 1 <= self.seconds <= LONGEST_SECONDS:
            raise WrongArgumentsError(f"--seconds {self.seconds:g}: choose 1 to {LONGEST_SECONDS}")


@dataclass(frozen=True, kw_only=True)
class Import(WithRuns):
    """Import condensed images from a file or folder as a run, to view and evaluate them."""

    path: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FILE|FOLDER")]
    """A .pt or .pth of a published layout, an .npz, a .safetensors, a folder of pictures or of
    images_NAME.pt and labels_NAME.pt, or a .zip of one of these."""
    dataset: Text = None
    """Data set the images were condensed from, where the file does not say."""
    set: Annotated[str | None, tyro.conf.arg(constructor=str, metavar="NAME", help_behavior_hint="")] = None
    """One set of a file with several, such as experiment-1; left open, all."""
    pixels: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(PIXELS) + "}")] = "auto"
    """Scale of floating-point pixels. auto recognises it, and asks where it may be several. zca are whitened,
    which is undone."""
    labels: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(LABELS) + "}")] = "given"
    """hardest keeps the largest of each image's soft labels, which are refused otherwise."""
    decode: Integer = None
    """2 where each image holds 2×2 smaller ones, as IDC's (ImageNet: 3): they are split and enlarged."""
    iteration: Integer = None
    """Number of updates the images have had, where the file does not say."""
    title: Annotated[str, tyro.conf.arg(metavar="TEXT", help_behavior_hint="")] = ""
    """Title of the run."""
    data_root: Folder = None
    """Where named data sets are; left open: DM_DATA, else your cache folder."""

    def run(self) -> int:
        """Create the run and print its id; with --json {"run", "sets"}."""
        pixels = one_of("pixels", self.pixels, PIXELS)
        if self.iteration is not None and not 0 <= self.iteration <= MOST_ITERATION:
            raise WrongArgumentsError(f"--iteration {self.iteration}: choose 0 to {MOST_ITERATION}")
        labels = one_of("labels", self.labels, LABELS)
        if self.decode is not None and not 1 <= self.decode <= MOST_DECODED:
            raise WrongArgumentsError(f"--decode {self.decode}: choose 1 to {MOST_DECODED}")
        from dmcore.runs.imports import import_run
        from dmcore.runs.rename import clean_title
        from dmcore.runs.runs_root import find_runs_root

        root = find_runs_root(self.runs_root)
        run = import_run(
            self.path,
            root,
            self.dataset,
            clean_title(self.title),
            set=self.set,
            iteration=self.iteration,
            pixels=pixels,
            labels=labels,
            decode=self.decode or 1,
            data_root=self.data_root,
        )
        self.output.print_json({"run": run.id, "sets": list(run.set_names)})
        self.output.print(f"run {run.id}")
        self.output.print(f"stored in {run.path}")
        for note in run.notes():
            self.output.print(f"note: {note.sentence}")
        self.output.print(f"done: `dmcore evaluate {run.id}` measures the accuracy")
        return 0
