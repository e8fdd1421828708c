"""Table of `dmcore/bench/README.md` from what `dmcore bench --json` printed.

`dmcore bench --cases dc,dsa --against reference --json | python tests/benchmarks/print_bench_table.py`.
"""

import json
import sys
from statistics import median
from typing import Any

from dmcore.bench.cases import CASES, Case


def main() -> None:
    cases = json.load(sys.stdin)["cases"]
    print("| images | time | times as fast as the plain step | real side, of the rate | memory, plain step |")
    print("|---|---|---|---|---|")
    for facts in cases:
        print(row(facts))
    print(f"\nn = {', '.join(str(n) for n in dict.fromkeys(facts['n'] for facts in cases))}")
    differences = [facts["largest_loss_difference"] for facts in cases]
    print(f"losses differ by {max(filter(None, differences), default=0):.0e} at most")


def row(facts: dict[str, Any]) -> str:
    """One case."""
    ratios = [
        theirs / ours for ours, theirs in zip(facts["seconds"], facts["reference_seconds"], strict=True)
    ]
    memory = ", ".join(size(facts[side]) for side in ("peak_bytes", "reference_peak_bytes"))
    cells = (
        title(CASES[facts["name"]]),
        seconds(median(facts["seconds"])),
        f"{median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})",
        f"{facts['real_share_of_rate']:.0%}".replace("%", " %"),
        memory,
    )
    return f"| {' | '.join(cells)} |"


def title(case: Case) -> str:
    """What the case computes, without what most have."""
    config = case.config
    parts = ["×".join(map(str, case.shape))]
    parts += [f"width {config.width}"] * (config.width != 128)
    parts += [f"depth {config.depth}"] * (config.depth != 3)
    parts += [f"{config.real_batch} real"] * (config.real_batch != 256)
    parts += ["batch norm"] * (config.norm == "batch")
    parts += ["with replay"] * case.replays
    method = f"{config.method.upper()}, " * (config.method != "dm")
    return f"{method}{', '.join(parts)}, {config.images_per_class} per class"


def seconds(value: float) -> str:
    return f"{value * 1e3:.0f} ms" if value < 0.1 else f"{value:.2f} s"


def size(number: int | None) -> str:
    if number is None:
        return "unknown"
    return f"{number / 1e6:.0f} MB" if number < 1e9 else f"{number / 1e9:.1f} GB"


if __name__ == "__main__":
    main()
