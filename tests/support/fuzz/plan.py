"""The mutations of a fuzz run: which file is damaged how, and which targets look at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from support.fuzz.file_mutations import FILE_MUTATIONS, Damage, Mutation
from support.fuzz.folder_mutations import FOLDER_MUTATIONS
from support.fuzz.root import FuzzedFile, FuzzedRoot
from support.fuzz.tensor_mutations import TENSOR_MUTATIONS
from support.fuzz.text_mutations import JSON_MUTATIONS, LINE_MUTATIONS

FOLDERS = "folders"
OFTEN = {"run.json": 4, "snapshot": 4, "checkpoint": 4, "events.jsonl": 4, "set.json": 3, "evaluation": 3}
"""Kinds that are damaged more often than once a round."""
OFTEN |= {"result.json": 2, FOLDERS: 3}
JSON_KINDS = ("run.json", "set.json", "evaluation", "result.json", "error.json", "owner.json", "guess.json")
JSON_KINDS += ("gauge.json", "pool index", "table", "tested network")
TENSOR_KINDS = ("snapshot", "checkpoint", "pool network")


@dataclass(frozen=True)
class PlannedMutation:
    """One damage of one file, and what looks at it."""

    number: int
    target: FuzzedFile
    seed: str
    mutations: tuple[Mutation, ...]
    """In the order in which they are tried: some do not apply to every file."""
    looked_at_by: tuple[str, ...]

    def apply(self, root: FuzzedRoot) -> str:
        """Damage a copy of the root; says how."""
        damage = Damage(root, self.target, Random(self.seed))
        for mutation in self.mutations:
            done = mutation(damage)
            if done is not None:
                where = "" if self.target.kind == FOLDERS else f"{self.target.path}: "
                return f"{mutation.__name__}: {where}{done}"
        raise AssertionError("some mutations apply to every file")


def plan(root: FuzzedRoot, seed: int, targets: tuple[str, ...], looks: int) -> Iterator[PlannedMutation]:
    """Endless plan: every kind of file in turn, each with every mutation, each looked at by every target."""
    files = root.files()
    runs = sorted({file.run for file in files if file.run})
    files += [FuzzedFile(FOLDERS, run, root.path_of(run).relative_to(root.folder)) for run in runs]
    kinds = list(dict.fromkeys(file.kind for file in files))
    round_of_kinds = [kind for kind in kinds for _ in range(OFTEN.get(kind, 1))]
    Random(seed).shuffle(round_of_kinds)
    order = {kind: _shuffled(_mutations_of(kind), f"{seed} {kind}") for kind in kinds}
    count = dict.fromkeys(kinds, 0)
    number = 0
    while True:
        kind = round_of_kinds[number % len(round_of_kinds)]
        turn, mutations = count[kind], order[kind]
        first = turn % len(mutations)
        text = f"{seed} {number}"
        target = Random(text).choice([file for file in files if file.kind == kind])
        start = (turn + kinds.index(kind)) * looks  # each kind begins with other targets
        looked_at_by = tuple(targets[(start + look) % len(targets)] for look in range(looks))
        yield PlannedMutation(
            number, target, text, (*mutations[first:], *mutations[:first]), tuple(dict.fromkeys(looked_at_by))
        )
        count[kind] += 1
        number += 1


def _mutations_of(kind: str) -> tuple[Mutation, ...]:
    if kind == FOLDERS:
        return FOLDER_MUTATIONS
    if kind in JSON_KINDS:
        return (*FILE_MUTATIONS, *JSON_MUTATIONS)
    if kind in TENSOR_KINDS:
        return (*FILE_MUTATIONS, *TENSOR_MUTATIONS)
    return (*FILE_MUTATIONS, *LINE_MUTATIONS) if kind == "events.jsonl" else FILE_MUTATIONS


def _shuffled(mutations: tuple[Mutation, ...], seed: str) -> tuple[Mutation, ...]:
    chosen = list(mutations)
    Random(seed).shuffle(chosen)
    return tuple(chosen)
