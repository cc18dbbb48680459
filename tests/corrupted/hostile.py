"""Attacks on the reader's time and memory: each ends in seconds, within a bound, whatever it unpacks to.

What is long is made when the test runs; only small files are kept.
"""

import zlib
from collections.abc import Callable, Iterator

from attacks import Attack, spelled
from bases import sign, tent
from wrong_form import HEAD, ROWS

BIAS, AT_BIAS = "network.layers.0.bias.0", "network.layers[0].bias[0]"


def bomb(pattern: bytes, times: int, head: bytes = b"", tail: bytes = b"") -> bytes:
    """Return a gzip member that unpacks to head, the pattern so many times, and tail."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    chunk = pattern * (times // 100)
    return b"".join(
        [
            packer.compress(head),
            *(packer.compress(chunk) for _ in range(100)),
            packer.compress(tail),
            packer.flush(),
        ]
    )


def _layers(count: int, layer: str) -> bytes:
    text = spelled(sign())
    start, end = text.index('"layers": [') + len('"layers": ['), text.index("]}", text.index('"relu"'))
    return bomb(f"{layer}, ".encode(), count, text[:start].encode(), f"{layer}{text[end:]}".encode())


def _tower(height: int, bits: int) -> bytes:
    # A chain of layers x -> 2^bits x.
    value = sign()
    first = value["network"]["layers"][0]
    grow = {
        "shape": [1, 1],
        "indptr": [0, 1],
        "indices": [0],
        "data": [f"0x1p+{bits}"],
        "bias": [0],
        "relu": True,
    }
    value["network"]["layers"] = [first | {"relu": True}] + [grow] * height
    return spelled(value).encode()


def _wide(width: int, bits: int) -> bytes:
    # One layer of `width` neurons, each 2^bits x, then their sum, at 100 points.
    value = sign()
    points = [[i, 0] for i in range(100)]
    value["dataset"] |= {"size": 100, "points": points, "labels": [-1] + [1] * 99}
    wide = {
        "shape": [width, 2],
        "indptr": list(range(width + 1)),
        "indices": [0] * width,
        "bias": [0] * width,
    }
    last = {"shape": [1, width], "indptr": [0, width], "indices": list(range(width)), "data": [1] * width}
    value["network"]["layers"] = [
        wide | {"data": [f"0x{2 * i + 1:x}p+{bits}" for i in range(width)], "relu": True},
        last | {"bias": [0], "relu": False},
    ]
    return spelled(value).encode()


def _coprime(count: int, bits: int) -> bytes:
    # Denominators without common divisors: their product is what a common one must be.
    value = tent()
    row = value["network"]["layers"][1]
    row |= {"shape": [count, 2], "indptr": [0, 2] + [2] * (count - 1)}
    row["bias"] = [f"0x1/0x{2**bits + 2 * i + 1:x}" for i in range(count)]
    value["network"]["layers"][2]["shape"] = [1, count]
    return spelled(value).encode()


def _keys(count: int) -> bytes:
    keys = ", ".join(f'"k{i}": "v"' for i in range(count))
    return spelled(tent()).replace('"made": "by hand"', f'{keys}, "k7": "again"').encode()


def _quotients(count: int, digits: int) -> bytes:
    value = sign()
    numbers = [f"0x{'f' * digits}{i:04x}1/0x1{'0' * digits}{i:04x}1" for i in range(count)]
    value["dataset"]["points"] = [numbers] + value["dataset"]["points"]
    return spelled(value).encode()


SMALL = [
    Attack("power_minus_99999999999", "number_bits", AT_BIAS, {BIAS: "0x1p-99999999999"}, status=6),
    Attack("power_plus_99999999999", "number_bits", AT_BIAS, {BIAS: "0x1p+99999999999"}, status=6),
    Attack("power_of_4300_digits", "number_bits", AT_BIAS, {BIAS: "0x1p+" + "9" * 5000}, status=6),
    Attack("power_one_too_long", "number_bits", AT_BIAS, {BIAS: f"0x1p+{1 << 20}"}, status=6),
    Attack("digits_5000", "number", "file", text=(('"bias": [-3]', f'"bias": [{"7" * 5000}]'),), base="sign"),
    Attack(
        "digits_5000_in_label",
        "number",
        "file",
        text=(('"labels": [-1,', f'"labels": [-{"7" * 5000},'),),
        base="sign",
    ),
    Attack("values_without_bound", "value_bits", "neuron 0", raw=_tower(40, 100_000), status=6),
    Attack(
        "size_of_a_huge_detached_table",
        "size",
        "dataset",
        {
            "dataset.points": None,
            "dataset.labels": None,
            "dataset.size": 2**53 - 1,
            "digests.dataset": "sha256:" + "0" * 64,
        }
        | {"witness": {"partitions": {}, "probes": []}},
        data=HEAD + ROWS,
        status=4,
    ),
    Attack(
        "data_promises_many_rows",
        "data",
        "line 8",
        {
            "dataset.points": None,
            "dataset.labels": None,
            "dataset.size": 2**53 - 1,
            "digests.dataset": "sha256:" + "0" * 64,
        }
        | {"witness": {"partitions": {}, "probes": []}},
        data=HEAD.replace(" 5 ", f" {2**53 - 1} ") + ROWS,
    ),
    Attack("data_digits_5000", "data", "line 1", data=f"memcert-data/1 {'9' * 5000} 2\ncolumns null\n"),
    Attack(
        "data_number_of_5000_digits", "number", "line 3", data=HEAD + ROWS.replace("0 0", f"{'9' * 5000} 0")
    ),
]
"""Files that are kept."""

LONG: dict[str, tuple[str, str, int, Callable[[], bytes]]] = {
    "brackets_100000": ("json", "file", 3, lambda: b"[" * 100_000),
    "brackets_100000_closed": ("json", "file", 3, lambda: b"[" * 100_000 + b"]" * 100_000),
    "braces_100000": ("json", "file", 3, lambda: b'{"a":' * 100_000),
    "number_nested_900": ("number", AT_BIAS, 3, lambda: _nested(900)),
    "keys_200000_one_twice": ("json", "file", 3, lambda: _keys(200_000)),
    "hex_digits_300000": ("number_length", AT_BIAS, 6, lambda: _text(f"0x1{'f' * 300_000}")),
    "quotient_of_40000_digits": (
        "number_length",
        AT_BIAS,
        6,
        lambda: _text(f"0x1{'f' * 20_000}/0x3{'0' * 20_000}1"),
    ),
    "quotients_100": ("length", "dataset.points", 3, lambda: _quotients(100, 16_000)),
    "gzip_bomb": ("bytes", "file", 6, lambda: bomb(b"\0", 600_000_000)),
    "gzip_bomb_of_arrays": ("values", "file", 6, lambda: bomb(b"[],", 60_000_000, b"[")),
    "gzip_bomb_of_objects": ("values", "file", 6, lambda: bomb(b'{"":0},', 10_000_000, b"[")),
    "layers_1000000_empty": ("values", "file", 6, lambda: _layers(1_000_000, EMPTY)),
    "layers_100000_empty": ("shape", "network.layers[0]", 3, lambda: _layers(100_000, EMPTY)),
    "values_wide": ("layer_bits", "neuron", 6, lambda: _wide(2_000, 500_000)),
    "denominators_coprime": ("value_bits", "a denominator", 6, lambda: _coprime(1_000, 8_000)),
}
"""Files that are made when the test runs: rule, place, status, bytes."""
EMPTY = '{"shape": [0, 2], "indptr": [0], "indices": [], "data": [], "bias": [], "relu": true}'


def _text(number: str) -> bytes:
    value = tent()
    value["network"]["layers"][0]["bias"][0] = number
    return spelled(value).encode()


def _nested(depth: int) -> bytes:
    return spelled(tent()).replace('"bias": [-2, 2]', f'"bias": [{"[" * depth}{"]" * depth}, 2]').encode()


def long_attacks() -> Iterator[Attack]:
    """Yield the attacks that are made when the test runs, without their bytes."""
    for name, (rule, at, status, _) in LONG.items():
        suffix = "json.gz" if "gzip" in name or "layers" in name else "json"
        yield Attack(name, rule, at, raw=b"", status=status, suffix=suffix)


HOSTILE = [*SMALL, *long_attacks()]
