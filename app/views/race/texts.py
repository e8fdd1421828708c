"""Texts of the page Race: what is fair about it, and what it does not answer."""

from dmcore.config.formatting import counted, duration, joined
from dmcore.config.protocols import training_text
from dmcore.experiments.figure4.config import MOMENTS, NAMES, SLICE_SECONDS, Figure4Config, least_seconds
from dmcore.experiments.figure4.results import RaceResults


def fairness_text(config: Figure4Config) -> str:
    """Why the clocks can be compared, as Markdown."""
    lanes = joined([NAMES[method] for method in config.lanes])
    return "\n\n".join(
        (
            f"**One clock.** {lanes} take turns on the same cores, {SLICE_SECONDS:g} s each (or one update, "
            "where that takes longer), and the one whose clock is furthest behind goes next. A clock counts "
            "its own turns only. So whatever else this machine does slows all alike.",
            f"**Tests stand outside.** At the start and at {MOMENTS} moments of its own clock, evenly in log "
            f"time from {config.moments_text}, a method is tested while all clocks stand.",
            "**The same judges.** In each race all methods have the same seed, and the same networks, from "
            f"the same starts, train on their images: {counted(config.repeats, 'network')} for each test, by "
            "one protocol for all.",
            "**The same problem.** The same real images, network and size of the real batch; all else as "
            "each method was published: DM and DSA start from real images, DC from noise, and so lower.",
            f"**Several races.** {counted(config.seeds, 'race')}, each of its own seed; ± is over races."
            if config.seeds > 1
            else "**One race**, of one seed: no deviation and no verdict.",
            f"**The protocol:** {training_text(config.protocol(0))}. DC was published with another.",
        )
    )


def recorded_text(results: RaceResults) -> str:
    """Which race is shown until one ran here: 'Recorded: 3 races of DM and DC, 5 min each.'."""
    config = results.config
    lanes = joined([NAMES[method] for method in config.lanes])
    each = duration(float(config.seconds))
    return f"Recorded: {counted(config.seeds, 'race')} of {lanes}, {each} each."


def size_text(config: Figure4Config, tests_time: str = "") -> str:
    """What running it costs: '27 min of condensing (3 races of 3 methods, …), and about 20 min of tests …'.

    Args:
        config: the race.
        tests_time: how long the tests take here; empty where that is not known.
    """
    networks = counted(config.count_tests() * config.repeats, "network")
    races = f"{counted(config.seeds, 'race')} of {counted(len(config.lanes), 'method')}"
    each = duration(float(config.seconds))
    tests = f"{tests_time} of tests ({networks})" if tests_time else f"{networks} trained in tests on top"
    return f"{duration(least_seconds(config))} of condensing ({races}, {each} each), and {tests}."
