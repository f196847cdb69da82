"""What passes between marker and job: frames of bytes, values in JSON, arrays as plain numbers.

Nothing is ever unpickled. Whoever reads says how much it takes at most, and an array is believed
only if it is as long as its shape says.
"""

from __future__ import annotations

import base64
import json
import math
from typing import BinaryIO

import numpy as np

from ...checks.observing import Observation, Outcome, Question
from ...checks.plain import to_plain

FRAME = 2 * 2**20  # bytes, the most that a job may send at once
TEXT = 2000  # letters of any text from a job
ENTRIES = 100  # of any list in what it observed
LENGTH = 8  # bytes that say how long a frame is
DTYPES = {
    np.dtype(kind + size).str
    for kind, sizes in (("f", "248"), ("i", "1248"), ("u", "1248"))
    for size in sizes
}


class Garbled(Exception):
    """What came is not what was agreed on."""


def send(stream: BinaryIO, frame: bytes) -> None:
    """Write a frame."""
    stream.write(len(frame).to_bytes(LENGTH, "big"))
    stream.write(frame)
    stream.flush()


def receive(stream: BinaryIO, most: int) -> bytes | None:
    """Read a frame; None at the end of the stream, also in the middle of a frame.

    Raises Garbled for a frame of more than `most` bytes, before it is read.
    """
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    length = int.from_bytes(head, "big")
    if length > most:
        raise Garbled(f"a frame of {length:,} bytes, at most {most:,}")
    frame = stream.read(length)
    return frame if len(frame) == length else None


def packed(message: dict) -> bytes:
    """A message of values that JSON has, and arrays, as bytes."""
    return json.dumps(message, default=to_plain).encode()


def unpacked(frame: bytes) -> dict:
    """The inverse of `packed`. Raises Garbled on anything else."""
    try:
        message = json.loads(frame, object_hook=_object)
    except (ValueError, TypeError, RecursionError, OverflowError, MemoryError) as error:
        raise Garbled("no message") from error
    if not isinstance(message, dict):
        raise Garbled("no message")
    return message


def _object(found: dict):
    if found.keys() != {"dtype", "shape", "data"}:
        return found
    dtype, shape = found["dtype"], found["shape"]
    data = base64.b64decode(found["data"], validate=True)
    if dtype not in DTYPES or not isinstance(shape, list) or len(shape) > 8:
        raise Garbled("no array")
    if not all(type(n) is int and n >= 0 for n in shape):
        raise Garbled("no shape")
    if math.prod(shape) * np.dtype(dtype).itemsize != len(data):
        raise Garbled("an array that is not as long as its shape says")
    return np.frombuffer(data, dtype).reshape(shape)


# --- observations, on their way out ---------------------------------------------------------------


def observation_packed(question: Question, found: Observation, most: int) -> dict:
    """An observation as plain values; a part of more than `most` numbers is only named."""
    return {
        "kind": found.kind,
        "code": found.code,
        "values": found.values,
        "outcomes": [_outcome_packed(question, outcome, most) for outcome in found.outcomes],
        "changed": list(found.changed),
    }


def _outcome_packed(question: Question, outcome: Outcome, most: int) -> dict:
    if sum(part.size for part in outcome.parts) > most:
        values = {"name": question.name, "most": f"{most:,}"}
        outcome = Outcome("unreadable", code="large", values=values)
    parts = [p.astype(float) if p.dtype.str not in DTYPES else p for p in outcome.parts]
    return {
        "kind": outcome.kind,
        "code": outcome.code,
        "values": outcome.values,
        "trace": outcome.trace[:TEXT],
        "parts": parts,
    }


def observation_unpacked(found) -> Observation:
    """What a job says that it observed. Raises Garbled where that is no observation."""
    if not isinstance(found, dict):
        raise Garbled("no observation")
    return Observation(
        text_of(found.get("kind")),
        text_of(found.get("code")),
        _values(found.get("values")),
        tuple(map(_outcome_unpacked, _list(found.get("outcomes"), dict))),
        tuple(map(text_of, _list(found.get("changed"), str))),
    )


def _outcome_unpacked(found: dict) -> Outcome:
    return Outcome(
        text_of(found.get("kind")),
        tuple(_list(found.get("parts"), np.ndarray)),
        text_of(found.get("code")),
        _values(found.get("values")),
        text_of(found.get("trace")),
    )


def text_of(value) -> str:
    """A text as it may stand in a file: not too long, and without halves of characters."""
    if not isinstance(value, str):
        raise Garbled("no text")
    return value[:TEXT].encode("utf-8", "replace").decode("utf-8")


def _list(value, kind: type) -> list:
    if not isinstance(value, list) or len(value) > ENTRIES:
        raise Garbled("no list")
    if not all(isinstance(entry, kind) for entry in value):
        raise Garbled("a list of something else")
    return value


def _values(found) -> dict:
    """What a message is filled with: texts, whole numbers, and lists of texts."""
    if not isinstance(found, dict) or len(found) > ENTRIES:
        raise Garbled("no values")
    return {text_of(key): _value(value) for key, value in found.items()}


def _value(value) -> str | int | list[str]:
    if type(value) is int and abs(value) < 2**63:
        return value
    return list(map(text_of, _list(value, str))) if isinstance(value, list) else text_of(value)
