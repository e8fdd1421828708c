"""`dmcore bench`: benchmark of an iteration on this machine, by its parts and against a plain step."""

import sys
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Annotated

import tyro
from tqdm import tqdm

from dmcore.bench.cases import CASES, GROUPS
from dmcore.cli.flags import WrongArgumentsError, check_number, comma_list, one_of
from dmcore.cli.options import WholeNumber, WithDevice
from dmcore.cli.output import table
from dmcore.config import PRECISIONS
from dmcore.config.formatting import file_size, milliseconds

if TYPE_CHECKING:
    from dmcore.bench.rounds import Timing


MOST_ROUNDS = 10**6


@dataclass(frozen=True, kw_only=True)
class Bench(WithDevice):
    """Benchmark an iteration by its parts, against this machine's convolution rate or a plain step."""

    cases: Annotated[str, tyro.conf.arg(metavar="NAME,…")] = "colour-10"
    """Problems to time, on random images: a comma list of names, a method (dm, dc, dsa) or all. grey: 1×28×28
    and the width; colour: 3×32×32 and images per class; batch: the same with batch norm; large: 3×64×64,
    depth 4; dc, dsa: gradient matching of 3×32×32 by images per class (dsa-digits: 1×8×8), a matching step
    with the training before it."""
    rounds: WholeNumber = 10
    """Repetitions of each problem; medians are printed."""
    against: Annotated[str, tyro.conf.arg(metavar="{reference}", help_behavior_hint="")] = ""
    """reference: alternate with a plain step written from the paper's description."""
    precision: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(PRECISIONS) + "}")] = "float32"
    """Precision of our convolutions; the error shows against the reference."""

    def run(self) -> int:
        """Print the time of each problem, then a table of its parts."""
        from dmcore.bench.rounds import time_case

        choices: dict[str, tuple[str, ...]] = {**{name: (name,) for name in CASES}, **GROUPS}
        named = comma_list(self.cases)
        if not named:
            raise WrongArgumentsError(f"--cases: name at least one of {', '.join(choices)}")
        check_number("rounds", self.rounds, MOST_ROUNDS)
        names = [name for choice in named for name in choices[one_of("cases", choice, choices)]]
        chosen = [CASES[name] for name in dict.fromkeys(names)]
        against_plain = bool(self.against and one_of("against", self.against, ("reference",)))
        where = {"device": self.device, "threads": self.chosen_threads()}
        where["precision"] = one_of("precision", self.precision, PRECISIONS)
        if self.precision != "float32" and any(case.config.method != "dm" for case in chosen):
            raise WrongArgumentsError(
                f"--precision {self.precision}: gradient matching computes in float32, leave it out or time "
                "--cases dm"
            )
        timings = []
        for case in chosen:
            requested = case.model_copy(update=where)
            turns = time_case(requested, self.rounds, against_plain)
            for timing in tqdm(turns, case.name, self.rounds, file=sys.stderr, leave=False, unit="round"):
                last = timing
            timings.append(last)
            self.output.print(_summary(last))
        self.output.print("")
        for of_features in (True, False):  # their parts are others than those of gradient matching
            alike = [timing for timing in timings if (timing.case.config.method == "dm") is of_features]
            if alike:
                self.output.print(_parts_table(alike))
        self.output.print_json({"cases": [timing.facts for timing in timings]})
        return 0


def _summary(timing: "Timing") -> str:
    """One case as a line of text."""
    seconds, rate = median(timing.seconds), max(timing.rates)
    lines = [
        f"{timing.case.name}: {milliseconds(seconds)} {timing.case.unit} ({_spread(timing.seconds, 1e3)}, "
        f"n = {len(timing.seconds)}), {timing.images_per_second:.0f} images/s, "
        f"{timing.flops_per_second / 1e9:.0f} GFLOP/s of direct convolution = "
        f"{timing.flops_per_second / rate:.0%} "
        f"of this machine's {rate / 1e9:.0f}; real side {timing.real_share:.0%}; {_size(timing.memory[0])}"
    ]
    if timing.reference:
        share = timing.reference_flops / median(timing.reference) / rate
        lines.append(
            f"  {median(timing.ratios):.2f} times as fast as the reference ({_spread(timing.ratios)}), which "
            f"takes {milliseconds(median(timing.reference))}, {1 / share:.1f} times its arithmetic, and "
            f"{_size(timing.memory[1])}"
        )
        if timing.differences:
            lines[-1] += f"; losses differ by {max(timing.differences):.0e}"
    return "\n".join(lines)


def _parts_table(timings: "list[Timing]") -> str:
    names = list(dict.fromkeys(name for timing in timings for name in timing.part_medians))
    rows = []
    for timing in timings:
        medians = timing.part_medians
        cells = [f"{medians[name] * 1e3:.1f}" if name in medians else "–" for name in names]
        rows.append((timing.case.name, *cells))
    return table(("ms, fresh real side", *names), rows)


def _size(size: int | None) -> str:
    return "memory unknown" if size is None else file_size(size)


def _spread(values: list[float], factor: float = 1) -> str:
    low, high = min(values) * factor, max(values) * factor
    return f"{low:.2f} to {high:.2f}" if factor == 1 else f"{low:.1f} to {high:.1f} ms"
