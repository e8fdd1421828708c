"""JSON records with a checksum of their content, verified by every reader.

A record is one JSON object. Its last field, `sha256`, is the checksum of the canonical JSON of the others
(sorted keys, no white space): a record may be indented otherwise, but no value changes unnoticed. Records
without it, of older versions or written by hand, are read unchecked.
"""

import hashlib
import json
import stat
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from dmcore.files.atomic import write_atomically

CHECKSUM = "sha256"
LARGEST_BYTES = 64 * 2**20
"""Size from which a file is no record: the largest, results of a table, have a few megabytes."""
RESTORE = "restore it from a copy, or delete it"


class DamagedFileError(ValueError):
    """A stored file cannot be read, or is not as it was written; the message names file and remedy."""

    def __init__(self, file: Path, reason: str, remedy: str = RESTORE) -> None:
        super().__init__(f"{file} is damaged ({reason}): {remedy}")
        self.file, self.reason, self.remedy = file, reason, remedy

    def relative_to(self, folder: Path) -> str:
        """The message, with the file named relative to a folder that holds it."""
        file = self.file.relative_to(folder) if self.file.is_relative_to(folder) else self.file
        return f"{file} is damaged ({self.reason}): {self.remedy}"


class Record(BaseModel):
    """Base of the frozen models that are stored as a checked record."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    unchecked_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields outside the checksum, which people may change by hand."""


Model = TypeVar("Model", bound=Record)


def write_record(file: Path, record: Record, *, durable: bool = True) -> None:
    """Write a record with its checksum atomically.

    Raises:
        StorageError: the disk is full or refuses.
    """
    write_atomically(file, record_content(record), durable=durable)


def read_record(model: type[Model], file: Path, remedy: str = RESTORE) -> Model:
    """Read a record and verify its checksum, if it has one.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedFileError: it cannot be read, its checksum differs, or it is no such record.
    """
    return parse_record(model, read_content(file, remedy), file, remedy)


def record_content(record: Record) -> bytes:
    """Content of the file of a record: indented JSON, the checksum last."""
    fields = record.model_dump(mode="json", by_alias=True)
    fields[CHECKSUM] = _checksum(type(record), fields)
    return json.dumps(fields, indent=1, ensure_ascii=False).encode()


def parse_record(model: type[Model], content: bytes, file: Path, remedy: str = RESTORE) -> Model:
    """Parse the content of a record and verify its checksum, if it has one; `file` is named in errors.

    Raises:
        DamagedFileError: its checksum differs, or it is no such record.
    """
    fields = parse_fields(content, file, remedy)
    stored = fields.pop(CHECKSUM, None)
    try:
        checksum = _checksum(model, fields)  # refuses numbers too large for a float
    except ValueError as damage:
        raise DamagedFileError(file, "a number is not finite", remedy) from damage
    if stored not in (None, checksum):
        edited = f"; if you changed it yourself, take its field {CHECKSUM} out"
        raise DamagedFileError(file, "its checksum differs", remedy + edited)
    try:
        return model.model_validate(fields)
    except ValidationError as damage:
        first = damage.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the record"
        reason = f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}"[:200]
        raise DamagedFileError(file, reason, remedy) from damage


def parse_fields(content: bytes, file: Path, remedy: str = RESTORE) -> dict[str, Any]:
    """Parse a JSON object as it is stored, checksum and all, unchecked.

    Raises:
        DamagedFileError: it is no JSON object; not UTF-8, nested too deep and NaN count as well.
    """
    try:
        fields = from_json(content, allow_inf_nan=False)
    except ValueError as damage:
        raise DamagedFileError(file, str(damage) if content.strip() else "it is empty", remedy) from damage
    if not isinstance(fields, dict):
        raise DamagedFileError(file, "it is no JSON object", remedy)
    return fields


def read_content(file: Path, remedy: str = RESTORE) -> bytes:
    """Read a small regular file.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedFileError: it is a folder or a device, too large, or the system refuses to read it.
    """
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DamagedFileError(file, "it is no file", remedy)
        if status.st_size > LARGEST_BYTES:
            raise DamagedFileError(file, f"{status.st_size // 10**6} MB are too many for it", remedy)
        return file.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as refusal:
        reason = (refusal.strerror or str(refusal)).lower()
        raise DamagedFileError(file, f"it cannot be read, {reason}", remedy) from refusal


def _checksum(model: type[Record], fields: dict[str, Any]) -> str:
    """Checksum of the fields of a record.

    Raises:
        ValueError: a number is not finite.
    """
    checked = {key: value for key, value in fields.items() if key not in model.unchecked_fields}
    canonical = json.dumps(checked, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
