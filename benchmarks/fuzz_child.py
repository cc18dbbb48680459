"""The process that fuzzes one target: python benchmarks/fuzz_child.py TARGET CORPUS [libFuzzer options]."""

import json
import random
import re
import sys
from collections.abc import Iterator
from typing import Any

import atheris

with atheris.instrument_imports(include=["memcert"]):
    from fuzz_targets import TARGETS, attempt

    TARGET = TARGETS[sys.argv[1]]
    for _seed in TARGET.seeds():
        attempt(TARGET, _seed)  # many modules are loaded only when something is read
from mutation_tools import drawn


def structural(data: bytes, size: int, seed: int) -> bytes:
    """Change JSON by one edit of its structure, now and then; anything else as libFuzzer would."""
    chance = random.Random(seed)  # noqa: S311 - libFuzzer's own seed
    if chance.random() < 0.5:
        try:
            value = json.loads(data)
            sections = tuple(value) if isinstance(value, dict) else ()
            made = json.dumps(drawn(chance, value, sections).applied(value)).encode()
            if sections and len(made) <= size:
                return made
        except (ValueError, RecursionError, TypeError, KeyError, IndexError):
            pass  # no JSON, or nothing in it to change
    return bytes(atheris.Mutate(data, size))


WORD = re.compile(rb"\s+|[A-Za-z0-9_.+-]+|.", re.DOTALL)
STRANGE = (
    b"0",
    b"-0",
    b"1e400",
    b"1e-9999",
    b"nan",
    b"Infinity",
    b"1/0",
    b"9" * 400,
    b"\xff",
    b"\0",
    b'"',
    b"",
)


def words(data: bytes, size: int, seed: int) -> bytes:
    """Drop, double, swap or replace one word or sign of a text, now and then; else as libFuzzer would."""
    chance = random.Random(seed)  # noqa: S311 - libFuzzer's own seed
    parts = WORD.findall(data[:20_000])
    if not parts or chance.random() < 0.3:
        return bytes(atheris.Mutate(data, size))
    i, j = chance.randrange(len(parts)), chance.randrange(len(parts))
    kind = chance.randrange(5)
    if kind == 0:
        del parts[i]
    elif kind == 1:
        parts[i:i] = parts[min(i, j) : min(max(i, j), min(i, j) + 12)]
    elif kind == 2:
        parts[i], parts[j] = parts[j], parts[i]
    else:
        parts[i] = parts[j] if kind == 3 else chance.choice(STRANGE)
    made = b"".join(parts)
    return made if len(made) <= size else bytes(atheris.Mutate(data, size))


def graph(data: bytes, size: int, seed: int) -> bytes:
    """Change one field of one message of an ONNX model, now and then; anything else as libFuzzer would."""
    chance = random.Random(seed)  # noqa: S311 - libFuzzer's own seed
    if chance.random() < 0.8:
        import onnx

        try:
            model = onnx.ModelProto.FromString(data)
            change(chance, chance.choice(list(messages(model))))
            made: bytes = model.SerializeToString()
            if len(made) <= size:
                return made
        except (ValueError, IndexError, TypeError):
            pass  # no model, or a value that the field does not take
        except Exception as error:  # protobuf's own class, which has no public place
            if type(error).__name__ not in ("DecodeError", "EncodeError"):
                raise
    return bytes(atheris.Mutate(data, size))


def messages(message: Any) -> Iterator[Any]:
    """Yield a message and all messages in it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in value if field.is_repeated else [value]:
                yield from messages(part)


def change(chance: random.Random, message: Any) -> None:
    """Change, clear, double or swap one field."""
    field, value = chance.choice(message.ListFields())
    if field.is_repeated:
        entries = list(value)
        kind, at = chance.randrange(4), chance.randrange(len(entries))
        if kind == 0:
            del value[at]
        elif kind == 1 and field.message_type is not None:
            value.add().CopyFrom(entries[chance.randrange(len(entries))])
        elif kind == 1:
            value.append(other(chance, entries[at]))
        elif field.message_type is None:
            value[at] = other(chance, entries[at])
        else:
            value[at].CopyFrom(entries[chance.randrange(len(entries))])
    elif field.message_type is not None or chance.random() < 0.2:
        message.ClearField(field.name)
    else:
        setattr(message, field.name, other(chance, value))


def other(chance: random.Random, value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, int):
        return chance.choice([0, 1, 2, 3, -1, value + 1, value - 1, 2 * value, 2**31, 2**62, -(2**40)])
    if isinstance(value, float):
        return chance.choice([0.0, 1.0, -value, value * 2, float("nan"), float("inf"), 1e-45, 3e38])
    words = [
        "x",
        "w",
        "b",
        "y",
        "r",
        "",
        "Relu",
        "Gemm",
        "Conv",
        "Add",
        "MatMul",
        "Reshape",
        "Softmax",
        "ArgMax",
    ]
    words += [
        "Max",
        "Clip",
        "Concat",
        "Flatten",
        "Transpose",
        "Cast",
        "Slice",
        "MaxPool",
        "axis",
        "perm",
        "to",
    ]
    if isinstance(value, str):
        return chance.choice(words)
    return bytes(chance.choice([0, 1, 127, 128, 255]) if chance.random() < 0.2 else byte for byte in value)


def main() -> None:
    """Fuzz until libFuzzer ends."""
    options, target = sys.argv[2:], TARGET
    mutators = {"json": structural, "graph": graph, "words": words}
    mutator = {"custom_mutator": mutators[target.structure]} if target.structure else {}
    atheris.Setup([sys.argv[0], *options], lambda data: attempt(target, data), **mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
