"""Inspection of type annotations of config fields, for forms and command-line flags generated from them."""

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin


def base_type(annotation: Any) -> Any:
    """Type inside an annotation, without `Annotated` bounds and without None: `Count | None` -> int."""
    if get_origin(annotation) in (Union, UnionType):
        return base_type(next(member for member in get_args(annotation) if member is not type(None)))
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def item_type(annotation: Any) -> Any:
    """Type of the items of a list: `tuple[Count, ...] | None` -> int; None for other annotations."""
    items = base_type(annotation)
    return base_type(get_args(items)[0]) if get_origin(items) is tuple else None
