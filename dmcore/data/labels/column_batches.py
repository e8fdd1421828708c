"""Batches of rows of parquet and arrow files, which are not trusted: a few at a time, validated."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dmcore.data import limits
from dmcore.data.listing import ListedFile

if TYPE_CHECKING:
    from pyarrow import NativeFile, RecordBatch, Schema
    from pyarrow.ipc import RecordBatchFileReader, RecordBatchStreamReader
    from pyarrow.parquet import FileMetaData

COLUMN_SUFFIXES = frozenset((".parquet", ".arrow"))
_ARROW_FILE = b"ARROW1"
"""First bytes of an arrow file that is no stream."""


def read_schema(file: ListedFile) -> "Schema":
    """Types of the columns, and their metadata.

    Raises:
        ValueError: damaged, no such file, or one that would unpack to far too much.
    """
    with damage_explained(file):
        import pyarrow.parquet

        if file.suffix == ".parquet":
            table = pyarrow.parquet.ParquetFile(_opened(file))
            _refuse_bomb(file, table.metadata)
            return table.schema_arrow
        return _arrow_reader(file).schema


def _refuse_bomb(file: ListedFile, metadata: "FileMetaData") -> None:
    columns = [
        group.column(position)
        for group in map(metadata.row_group, range(metadata.num_row_groups))
        for position in range(metadata.num_columns)
    ]
    limits.check_ratio(
        file.relative_path,
        sum(column.total_compressed_size for column in columns),
        sum(column.total_uncompressed_size for column in columns),
        "write it again if you trust it, uncompressed",
    )


def read_batches(file: ListedFile, column: str, rows: int) -> "Iterator[RecordBatch]":
    """Read one column.

    Args:
        file: parquet or arrow.
        column: its name.
        rows: of a batch; arrow files have their own number, but are not unpacked.

    Raises:
        ValueError: damaged.
    """
    with damage_explained(file):
        import pyarrow.parquet

        if file.suffix == ".parquet":
            table = pyarrow.parquet.ParquetFile(_opened(file))
            yield from table.iter_batches(rows, columns=[column], use_threads=False)
            return
        reader = _arrow_reader(file)
        batches = (
            map(reader.get_batch, range(reader.num_record_batches))
            if hasattr(reader, "get_batch")
            else reader
        )
        for batch in batches:
            batch.validate(full=True)  # positions outside the file would end the process
            yield batch.select([column])


@contextmanager
def damage_explained(file: ListedFile) -> Iterator[None]:
    """Turn what pyarrow raises for a damaged file into a sentence with a remedy.

    Raises:
        ValueError: for any of it.
    """
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError, KeyError, MemoryError) as damage:
        reason = next(iter(str(damage).splitlines()), type(damage).__name__)
        raise ValueError(
            f"{file.relative_path} cannot be read ({reason[:200]}): make or download it again"
        ) from damage


def _opened(file: ListedFile) -> "NativeFile":
    import pyarrow

    if file.path is not None:
        return pyarrow.memory_map(str(file.path))
    return pyarrow.BufferReader(file.read())


def _arrow_reader(file: ListedFile) -> "RecordBatchStreamReader | RecordBatchFileReader":
    import pyarrow.ipc

    source = _opened(file)
    is_file = source.read(len(_ARROW_FILE)) == _ARROW_FILE
    source.seek(0)
    return pyarrow.ipc.open_file(source) if is_file else pyarrow.ipc.open_stream(source)
