"""Filter and order of runs: one record each, for the command line, for deleting, and for the page Runs."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator

from dmcore.config import Count, FrozenModel
from dmcore.config.models import ImageCount
from dmcore.runs.collection import facts
from dmcore.runs.collection.facts import HowMade, MadeBy
from dmcore.runs.collection.tags import read_tags
from dmcore.runs.folder import RunFolder

StatusName = Literal["running", "paused", "finished", "failed", "interrupted"]
Sort = Literal["newest", "oldest", "title", "dataset", "accuracy", "size"]
Value = TypeVar("Value")
AGES = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def parse_moment(text: object) -> datetime:
    """A date or time by this machine's clock, or how long ago it was: `2026-11-30`, `3d`.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(text, datetime):
        return text.astimezone(UTC)
    try:
        if (age := re.fullmatch(r"(\d{1,6}) ?(min|h|d|w)", str(text).strip())) is not None:
            return datetime.now(UTC) - int(age[1]) * AGES[age[2]]
        return datetime.fromisoformat(str(text).strip()).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            "must be a date such as 2026-11-30, a time such as 2026-11-30T18:00, or an age: 12h, 3d, 2w"
        ) from None


def _named(given: Value) -> Value:
    if not (given.strip() if isinstance(given, str) else given):
        raise ValueError("name at least one, or leave the option out")
    return given


GIVEN = AfterValidator(_named)
"""An empty value is a mistake, such as a variable that is not set: it must not stand for all runs."""
Moment = Annotated[datetime, BeforeValidator(parse_moment)]


class RunFilter(FrozenModel):
    """What runs are like; of several values of a field any, and all of the fields."""

    dataset: Annotated[tuple[str, ...], GIVEN] = ()
    """Data set: its name, its title, or the last part of its path."""
    method: Annotated[tuple[HowMade, ...], GIVEN] = ()
    """How the images were made: a method of condensation or of selection, or import."""
    status: Annotated[tuple[StatusName, ...], GIVEN] = ()
    """Status, as `dmcore runs` prints it."""
    images_per_class: Annotated[tuple[ImageCount, ...], GIVEN] = ()
    """Images per class, of at least one set of the run."""
    since: Moment | None = None
    """Created at this time or later: 2026-11-30, 2026-11-30T18:00, or how long ago: 12h, 3d, 2w."""
    before: Moment | None = None
    """Created before this time; written as --since."""
    text: Annotated[str, GIVEN] = ""
    """Words that all occur in title, id, data set, method, network, status or tags, in any case."""
    tag: Annotated[tuple[str, ...], GIVEN] = ()
    """Tag, given on the page Runs or by `dmcore tag`."""
    made_by: Annotated[tuple[MadeBy, ...], GIVEN] = ()
    """Who made it: a person, or a table that needed its images."""

    @property
    def is_set(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.model_fields_set)

    def matches(self, run: RunFolder) -> bool:
        """Whether a run is like that; what is quickest to tell is looked at first."""
        tests: dict[str, Callable[[], bool]] = {
            "dataset": lambda: _meet(self.dataset, facts.dataset_names(run)),
            "since": lambda: self.since is None or facts.created(run) >= self.since,
            "before": lambda: self.before is None or facts.created(run) < self.before,
            "made_by": lambda: facts.made_by(run) in self.made_by,
            "method": lambda: _meet(self.method, facts.methods(run)),
            "images_per_class": lambda: not {*self.images_per_class}.isdisjoint(facts.images_per_class(run)),
            "tag": lambda: _meet(self.tag, read_tags(run)),
            "status": lambda: facts.status(run) in self.status,
            "text": lambda: _has_words(self.text, facts.searched_text(run)),
        }
        return all(test() for field, test in tests.items() if field in self.model_fields_set)

    def select(self, runs: Sequence[RunFolder]) -> list[RunFolder]:
        """The runs that are like that, in their order."""
        return [run for run in runs if self.matches(run)]


class RunOrder(FrozenModel):
    """Order of a list of runs, and how many of them are listed."""

    sort: Sort = "newest"
    """Order: newest or oldest first, by title or data set, the highest accuracy or the largest first."""
    limit: Count | None = None
    """List the first runs only."""

    def arrange(self, runs: Sequence[RunFolder]) -> list[RunFolder]:
        """The first runs in this order.

        Args:
            runs: newest first; those that tie stay in this order.
        """
        ordered = [*runs]
        if self.sort == "oldest":
            ordered.reverse()
        elif self.sort == "title":
            ordered.sort(key=lambda run: run.description.title.casefold())
        elif self.sort == "dataset":
            ordered.sort(key=lambda run: (run.description.data.title or run.description.data.name).casefold())
        elif self.sort == "accuracy":
            ordered.sort(
                key=lambda run: -1.0 if (best := facts.best_accuracy(run)) is None else best, reverse=True
            )
        elif self.sort == "size":
            ordered.sort(key=lambda run: facts.size_on_disk(run.path), reverse=True)
        return ordered[: self.limit]


def _meet(wanted: Sequence[str], having: Sequence[str]) -> bool:
    return not {name.casefold() for name in wanted}.isdisjoint(name.casefold() for name in having)


def _has_words(words: str, text: str) -> bool:
    return all(word in text for word in words.casefold().split())
