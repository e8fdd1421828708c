"""Tags of a run, in the small file `tags.json` of its folder; who does not know it takes no notice."""

from collections.abc import Iterable
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

from dmcore.files.atomic import storage_errors_explained
from dmcore.files.checked_json import DamagedFileError, Record, read_record, write_record
from dmcore.runs.folder import RunFolder, read_description
from dmcore.runs.runs_root import lock_description

FILE = "tags.json"
LONGEST_TAG, MOST_TAGS = 40, 20
REMEDY = "no result depends on it: delete it"


def checked_tag(text: str) -> str:
    """A tag as it is stored.

    Raises:
        ValueError: it is no tag; the message says what one is.
    """
    tag = text.strip()
    if not 0 < len(tag) <= LONGEST_TAG:
        raise ValueError(f"a tag has 1 to {LONGEST_TAG} characters, this one {len(tag)}")
    if tag[0] in "+-" or not all(character.isprintable() and character not in " ," for character in tag):
        raise ValueError(
            f"a tag is one word, such as lecture-3, and {tag!r} is none: leave out spaces, commas, and "
            "+ or - at its start"
        )
    return tag


class Tags(Record):
    """`tags.json`: the tags of a run, in the order they were given."""

    tags: Annotated[tuple[Annotated[str, AfterValidator(checked_tag)], ...], Field(max_length=MOST_TAGS)]
    """One word each."""


def read_tags(run: RunFolder) -> tuple[str, ...]:
    """Tags of a run, in the order they were given; none where the file is missing or damaged."""
    try:
        return sound_tags(run)
    except DamagedFileError:
        return ()


def sound_tags(run: RunFolder) -> tuple[str, ...]:
    """Tags of a run, in the order they were given.

    Raises:
        DamagedFileError: they cannot be read; with the remedy.
    """
    try:
        return read_record(Tags, run.path / FILE, REMEDY).tags
    except FileNotFoundError:
        return ()


class UntaggedRun(NamedTuple):
    """Run whose tags could not be changed, and why."""

    run: RunFolder
    reason: str


def tag_runs(
    runs: Iterable[RunFolder], add: Iterable[str] = (), remove: Iterable[str] = ()
) -> list[UntaggedRun]:
    """Change the tags of several runs as `change_tags` does; those that it is impossible for do not stop it.

    Returns:
        The runs that are as they were.

    Raises:
        ValueError: a tag is none; no run was changed.
    """
    added, removed, untagged = [checked_tag(tag) for tag in add], [*remove], list[UntaggedRun]()
    for run in runs:
        try:
            change_tags(run, added, removed)
        except (ValueError, OSError) as refusal:
            untagged.append(UntaggedRun(run, str(refusal)))
    return untagged


def change_tags(run: RunFolder, add: Iterable[str] = (), remove: Iterable[str] = ()) -> tuple[str, ...]:
    """Add tags to a run and take others away, also while it is running; returns its tags as they are then.

    Upper and lower case are one: a tag that the run has is not added again. What is in both stays.

    Raises:
        PackedRunError: the run is packed.
        ValueError: a tag is none, there are too many, or the run is gone or its tags are damaged.
        StorageError: the folder cannot be written to.
    """
    added, removed = [checked_tag(tag) for tag in add], {tag.strip().casefold() for tag in remove}
    read_description(run.path)  # a lock would bring the folder of a deleted run back
    with lock_description(run.path), storage_errors_explained(run.path / FILE):
        read_description(run.path)  # it may have been deleted while this waited for the lock
        before = sound_tags(run)
        by_word = {tag.casefold(): tag for tag in before if tag.casefold() not in removed}
        for tag in added:
            by_word.setdefault(tag.casefold(), tag)
        tags = tuple(by_word.values())
        if len(tags) > MOST_TAGS:
            raise ValueError(f"a run has at most {MOST_TAGS} tags, and {run.id} would have {len(tags)}")
        if tags != before:
            write_record(run.path / FILE, Tags(tags=tags))
    return tags
