"""Live resource: content at an address that the browser polls, without running the page's script.

One declaration gives the address, the route and its answers; it stands next to what it shows, in the module
`live` of its package, and app/server/routes.py serves them all:

    @RUN.resource("loss", figure_answer)
    def loss(state: RunState, query: Query) -> LiveFigure: ...

    loss.address(run=run.id, at=100)  # for the page: /live/runs/RUN/loss?at=100
"""

import json
import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote, urlencode

from app.components.base_path import below_base
from app.components.image_grid import ImageGrid
from app.components.live_figure import LiveFigure
from app.components.live_line import LiveLine

JSON, BYTES = "application/json", "application/octet-stream"
Query = Mapping[str, str]
"""Parameters of an address."""


@dataclass(frozen=True)
class Answer:
    """Encoded content of an answer; empty content means that there is nothing to send (yet)."""

    content: bytes
    media_type: str = BYTES
    moment: str = ""
    """Change token of a live line."""
    tag: str = field(init=False)
    """Entity tag: a hash of the content."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tag", f'"{blake2b(self.content, digest_size=12).hexdigest()}"')


def json_answer(content: object, moment: str = "") -> Answer:
    """Answer with JSON content."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Answer(text.encode(errors="replace"), JSON, moment)  # file names may be no text


def line_answer(line: LiveLine) -> Answer:
    """Answer with a live line."""
    return json_answer(asdict(line), line.revision)


def figure_answer(figure: LiveFigure) -> Answer:
    """Answer with a live figure."""
    return json_answer(figure.as_json())


def grid_answer(grid: ImageGrid | None) -> Answer:
    """Answer with an image grid; empty where there are no images yet."""
    return Answer(b"" if grid is None else grid.packed())


class State(Protocol):
    """State of a subject."""

    @property
    def revision(self) -> str:
        """Change token: changes with anything that answers depend on."""


StateT = TypeVar("StateT", bound=State)
ContentT = TypeVar("ContentT")


@dataclass(frozen=True)
class LiveSubject(Generic[StateT]):
    """Kind of subject, such as runs: where its resources' addresses lie, and how a subject is observed."""

    path: str
    """Path of the addresses; `{name}` is a parameter."""
    parameters: tuple[str, ...]
    """Parameters, of the path or the query, that name a subject; the functions below are called with them."""
    change_token: Callable[..., Hashable]
    """Returns the token of the changes that are shown at once; cheap, for it is called for each request."""
    observe: Callable[..., StateT]
    """Returns the newest state; raises `ValueError` where there is no such subject, or a damaged one."""

    def address(self, name: str, **parameters: object) -> str:
        """Address of a resource with these parameters, of its path and its query; None leaves one out.

        By the name of the resource, for modules that its declaration imports; else see `LiveResource`.
        """
        given = {name: str(value) for name, value in parameters.items() if value is not None}
        path = self.path.format_map({name: quote(value) for name, value in given.items()})
        query = urlencode([(name, given[name]) for name in given if f"{{{name}}}" not in self.path])
        return below_base(f"{path}/{name}") + (f"?{query}" if query else "")

    def resource(
        self,
        name: str,
        encode: Callable[[ContentT], Answer],
        *,
        revision: Callable[[StateT], str] = lambda state: state.revision,
        good_seconds: float = math.inf,
        bulk: bool = False,
    ) -> Callable[[Callable[[StateT, Query], ContentT]], "LiveResource[StateT, ContentT]"]:
        """Decorator that declares the resource whose content a function returns; see `LiveResource`."""

        def declare(content: Callable[[StateT, Query], ContentT]) -> LiveResource[StateT, ContentT]:
            resource = LiveResource(self, name, content, encode, revision, good_seconds, bulk)
            RESOURCES.append(resource)
            return resource

        return declare


@dataclass(frozen=True)
class LiveResource(Generic[StateT, ContentT]):
    """Live resource of a kind of subject. Called, it returns the content, as its address answers with it."""

    subject: LiveSubject[StateT]
    name: str
    """Last part of its addresses."""
    content: Callable[[StateT, Query], ContentT]
    encode: Callable[[ContentT], Answer]
    revision: Callable[[StateT], str]
    """The part of a state's change token that the content depends on."""
    good_seconds: float
    """How long an answer is good at least at a revision, where it depends on more than the state."""
    bulk: bool
    """Whether it takes long, such as a film: it waits for the bulk thread, and is outside the share."""

    def __call__(self, state: StateT, query: Query) -> ContentT:
        """Content of a state."""
        return self.content(state, query)

    def answer(self, state: StateT, query: Query) -> Answer:
        """Encoded content of a state."""
        return self.encode(self.content(state, query))

    def address(self, **parameters: object) -> str:
        """Address with these parameters, of its path and its query; None leaves one out."""
        return self.subject.address(self.name, **parameters)


RESOURCES: list[LiveResource[Any, Any]] = []
"""All declared resources."""
