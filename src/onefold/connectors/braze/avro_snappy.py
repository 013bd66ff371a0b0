"""Avro files with the codec snappy, rewritten without one, so that the Avro library needs no further package.

In: an object-container file. Out: the same blocks, inflated. Source: the Avro specification 1.11, object
container files: header (magic, metadata, sync marker), then blocks of (records, bytes, data, sync marker).
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

MAGIC = b"Obj\x01"
CODEC = b"avro.codec"
SNAPPY = b"snappy"
SYNC_BYTES = 16
CRC_BYTES = 4
"""Behind each block stands the checksum of what it inflates to."""
BLOCK_BYTES_MAX = 256 * 1024**2
TEXT_BYTES_MAX = 16 * 1024**2
IN_MEMORY_BYTES = 64 * 1024**2


@contextmanager
def plain_file(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """A file without snappy, to be read in the block: the given one where it has none.

    Raises:
        ValueError: it is broken.
    """
    metadata, sync = _read_header(file)
    if metadata.get(CODEC) != SNAPPY:
        file.seek(0)
        yield file
        return
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as plain:
        _write_header(plain, {**metadata, CODEC: b"null"}, sync)
        _copy_blocks(file, plain, sync)
        plain.seek(0)
        yield plain


def _copy_blocks(file: IO[bytes], plain: IO[bytes], sync: bytes) -> None:
    # Late: it takes a while to load, and hardly a file needs it.
    import pyarrow

    codec = pyarrow.Codec("snappy")
    while (records := _read_long(file, is_end_allowed=True)) is not None:
        block = _inflate(codec, _read_bytes(file, BLOCK_BYTES_MAX))
        plain.write(_long(records) + _long(len(block)) + block + sync)
        if file.read(SYNC_BYTES) != sync:
            raise ValueError("a block does not end where it should")


def _inflate(codec: Any, data: bytes) -> bytes:
    """A block of raw snappy, which begins with how long it will be."""
    size = shift = 0
    for byte in data[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            break
    if size > BLOCK_BYTES_MAX:
        raise ValueError("a block is too large")
    try:
        inflated: bytes = codec.decompress(data[:-CRC_BYTES], size, asbytes=True)
    except OSError as error:  # of pyarrow: the data is not snappy
        raise ValueError("a block cannot be inflated") from error
    return inflated


def _read_header(file: IO[bytes]) -> tuple[dict[bytes, bytes], bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("no Avro file")
    metadata: dict[bytes, bytes] = {}
    while count := _read_long(file):
        if count < 0:
            _read_long(file)
        for _ in range(abs(count)):
            name = _read_bytes(file, TEXT_BYTES_MAX)
            metadata[name] = _read_bytes(file, TEXT_BYTES_MAX)
    return metadata, file.read(SYNC_BYTES)


def _write_header(file: IO[bytes], metadata: dict[bytes, bytes], sync: bytes) -> None:
    entries = b"".join(_long(len(part)) + part for name, value in metadata.items() for part in (name, value))
    file.write(MAGIC + _long(len(metadata)) + entries + _long(0) + sync)


def _read_bytes(file: IO[bytes], bytes_max: int) -> bytes:
    size = _read_long(file) or 0
    if not 0 <= size <= bytes_max:
        raise ValueError("a length is out of range")
    found = file.read(size)
    if len(found) < size:
        raise ValueError("it ends early")
    return found


def _read_long(file: IO[bytes], *, is_end_allowed: bool = False) -> int | None:
    """A zigzag number; None at the end of the file."""
    number = shift = 0
    while byte := file.read(1):
        number |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            return (number >> 1) ^ -(number & 1)
        if shift > 63:
            raise ValueError("a number is too long")
    if shift or not is_end_allowed:
        raise ValueError("it ends early")
    return None


def _long(number: int) -> bytes:
    rest = (number << 1) ^ (number >> 63)
    written = bytearray()
    while rest > 0x7F:
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    written.append(rest)
    return bytes(written)
