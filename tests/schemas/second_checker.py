"""A second checker of certificates, written from schemas/certificate-1.md alone.

It shares no code with memcert and is made for clarity, not for speed: where the two disagree,
the document, the kernel or this file is wrong. Numbers in brackets are sections of the document.
"""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

LIMIT = 2**53
Json = Any
Point = list[Fraction]


class Outcome(Exception):  # noqa: N818
    """An end other than acceptance; its first argument is the word of section 6."""


def verdict(content: bytes, data: bytes | None = None) -> str:
    """Return accepted, malformed, unsupported, rejected, mismatch or undecided."""
    try:
        certificate = read(content)
        _check(certificate, None if data is None else _given(data))
    except Outcome as outcome:
        return str(outcome.args[0])
    return "accepted"


def _need(condition: bool, word: str = "malformed") -> None:
    if not condition:
        raise Outcome(word)


# --- 2.1 JSON ---------------------------------------------------------------------------------


def _unpacked(content: bytes) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        plain = gzip.decompress(content)
        one = zlib.decompressobj(31)
        one.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise Outcome("malformed") from None
    _need(one.eof and not one.unused_data)
    return plain


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    _need(len({key for key, _ in pairs}) == len(pairs))
    return dict(pairs)


def _integer(digits: str) -> int:
    _need(digits != "-0" and len(digits) < 20)
    return int(digits)


def _refuse(_: str) -> None:
    raise Outcome("malformed")


def _json(content: bytes) -> Json:
    try:
        return json.loads(
            _unpacked(content).decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_int=_integer,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError):
        raise Outcome("malformed") from None


# --- kinds of values --------------------------------------------------------------------------


def _string(value: Json) -> str:
    _need(isinstance(value, str) and not re.search("[\ud800-\udfff]", value))
    return str(value)


def _truth(value: Json) -> bool:
    _need(isinstance(value, bool))
    return bool(value)


def _small(value: Json) -> int:
    _need(type(value) is int and -LIMIT < value < LIMIT)
    return int(value)


def _natural(value: Json) -> int:
    _need(_small(value) >= 0)
    return int(value)


def _number(value: Json) -> Fraction:
    """2.2: the value, if this is its one spelling."""
    if not isinstance(value, str):
        return Fraction(_small(value))
    found = re.fullmatch(
        r"(-?)(?:0x([0-9a-f]+)(?:p([+-])([0-9]+)|/0x([0-9a-f]+))?|([0-9]+)/([0-9]+))", value, re.A
    )
    if found is None:
        raise Outcome("malformed")
    minus, digits, sign, power, below, top, bottom = found.groups()
    _need(power is None or len(power) < 9)
    p = int(digits, 16) if digits else int(top)
    q = int(below, 16) if below else int(bottom) if bottom else 1
    _need(q > 0)
    exact = Fraction(p, q)
    if power is not None:
        exact = exact * 2 ** int(power) if sign == "+" else exact / 2 ** int(power)
    exact = -exact if minus else exact
    _need(_bare(exact) == value)
    return exact


def _bare(exact: Fraction) -> str:
    """2.2, last paragraph: the bare text."""
    p, q = exact.numerator, exact.denominator
    if abs(p) < LIMIT and q < LIMIT:
        return str(p) if q == 1 else f"{p}/{q}"
    minus, size = "-" if p < 0 else "", abs(p)
    if q == 1:
        power = 0
        while size % 2 == 0:
            size, power = size // 2, power + 1
        return f"{minus}0x{size:x}" + (f"p+{power}" if power else "")
    if bin(q).count("1") == 1:
        return f"{minus}0x{size:x}p-{q.bit_length() - 1}"
    return f"{minus}0x{size:x}/0x{q:x}"


def _array(kind: Callable[[Json], Any]) -> Callable[[Json], list[Any]]:
    def read_array(value: Json) -> list[Any]:
        _need(isinstance(value, list))
        return [kind(item) for item in value]

    return read_array


def _or_null(kind: Callable[[Json], Any]) -> Callable[[Json], Any]:
    return lambda value: None if value is None else kind(value)


def _object(**kinds: Callable[[Json], Any]) -> Callable[[Json], dict[str, Any]]:
    names = {name.rstrip("_"): kind for name, kind in kinds.items()}

    def read_object(value: Json) -> dict[str, Any]:
        _need(isinstance(value, dict) and set(value) == set(names))
        return {name: kind(value[name]) for name, kind in names.items()}

    return read_object


def _free(kind: Callable[[Json], Any]) -> Callable[[Json], dict[str, Any]]:
    def read_free(value: Json) -> dict[str, Any]:
        _need(isinstance(value, dict))
        return {_string(name): kind(item) for name, item in value.items()}

    return read_free


def _one_of(*words: str) -> Callable[[Json], str]:
    def read_word(value: Json) -> str:
        _need(isinstance(value, str) and value in words)
        return str(value)

    return read_word


def _row(*kinds: Callable[[Json], Any]) -> Callable[[Json], list[Any]]:
    def read_row(value: Json) -> list[Any]:
        _need(isinstance(value, list) and len(value) == len(kinds))
        return [kind(item) for kind, item in zip(kinds, value, strict=True)]

    return read_row


def _option(value: Json) -> Json:
    if value is None or isinstance(value, bool):
        return value
    return _string(value) if isinstance(value, str) else _small(value)


def _class(value: Json) -> str | int:
    return _string(value) if isinstance(value, str) else _small(value)


def _digest(value: Json) -> str:
    _need(isinstance(value, str) and re.fullmatch("sha256:[0-9a-f]{64}", value) is not None)
    return str(value)


def _monomial(value: Json) -> list[Any]:
    _need(isinstance(value, list) and len(value) > 0)
    return [_number(value[0]), *map(_string, value[1:])]


def _index_or_range(value: Json) -> Any:
    if not isinstance(value, list):
        return _natural(value)
    start, stop = _row(_natural, _natural)(value)
    _need(start < stop)
    return [start, stop]


def _radius(value: Json) -> Fraction | None:
    return None if value == "unbounded" else _number(value)


# --- 3 the fields, 7 the outline's syntax -----------------------------------------------------

_numbers, _naturals, _strings = _array(_number), _array(_natural), _array(_string)
_term = _array(_monomial)
_atoms = _array(_row(_one_of("=", ">=", ">"), _term))
_layer = _object(
    shape=_row(_natural, _natural),
    indptr=_naturals,
    indices=_naturals,
    data=_numbers,
    bias=_numbers,
    relu=_truth,
)
_contract = _object(
    id=_string,
    parameters=_array(_object(name=_string, neuron=_string, input=_or_null(_string))),
    assumes=_atoms,
    inputs=_array(_object(name=_string, is_=_term, dropped=_truth)),
    layers=_array(_object(relu=_truth, neurons=_array(_row(_string, _term)))),
    outputs=_array(_object(name=_string, is_=_term)),
    cases=_array(
        _object(
            name=_string,
            requires=_atoms,
            ensures=_array(_row(_string, _one_of("=", ">=", "<="), _term)),
        )
    ),
)
_block = _object(
    name=_string,
    stage=_string,
    first_layer=_natural,
    last_layer=_natural,
    contract=_string,
    neurons=_or_null(_array(_array(_index_or_range))),
    with_=_free(_number),
)
_certificate = _object(
    format=_string,
    construction=_or_null(_object(name=_string, statement=_string, source=_string, options=_free(_option))),
    model=_or_null(
        _object(
            name=_string,
            format=_string,
            files=_array(_object(name=_string, digest=_digest)),
            lowering=_natural,
            options=_free(_option),
            notes=_strings,
        )
    ),
    dataset=_object(
        name=_string,
        size=_natural,
        dimension=_natural,
        columns=_or_null(_strings),
        classes=_or_null(_array(_class)),
        points=_or_null(_array(_numbers)),
        labels=_or_null(_numbers),
    ),
    network=_object(input_size=_natural, layers=_array(_layer)),
    claim=_object(
        rule=_one_of("equal", "sign", "argmax", "within"),
        tolerance=_or_null(_number),
        except_=_naturals,
        separation_squared=_or_null(_number),
        separation_direction=_or_null(_numbers),
        data_radius_squared=_number,
        margin=_or_null(_number),
        box_radius=_or_null(_radius),
        promises=_array(_object(kind=_string, values=_free(_number))),
        width=_natural,
        depth=_natural,
        parameters=_natural,
        edges=_natural,
        bit_complexity=_natural,
    ),
    contracts=_array(_contract),
    blocks=_array(_block),
    witness=_object(
        partitions=_free(_naturals),
        probes=_array(
            _object(
                name=_string,
                after_layer=_natural,
                neurons=_naturals,
                coefficients=_numbers,
                partition=_or_null(_string),
                values=_numbers,
            )
        ),
    ),
    digests=_object(dataset=_or_null(_digest), network=_or_null(_digest)),
    annotations=_free(_string),
)


def read(content: bytes) -> dict[str, Any]:
    """Decode a certificate; raise Outcome if it is none."""
    value = _json(content)
    _need(isinstance(value, dict) and "format" in value)
    if value["format"] != "memcert/1":
        later = isinstance(value["format"], str) and value["format"].startswith("memcert/")
        raise Outcome("unsupported" if later else "malformed")
    found = _certificate(value)
    _read_network(found)
    _read_samples(found)
    _read_claim(found)
    _read_witness(found)
    return found


def _rising(items: Sequence[Any]) -> bool:
    return all(a < b for a, b in pairwise(items))


def _read_network(found: dict[str, Any]) -> None:
    network, before = found["network"], found["dataset"]["dimension"]
    _need(network["input_size"] == before and len(network["layers"]) >= 1)
    for layer in network["layers"]:
        (out, inputs), ends = layer["shape"], layer["indptr"]
        _need(out >= 1 and inputs == before and len(layer["bias"]) == out and len(ends) == out + 1)
        _need(ends[0] == 0 and ends[-1] == len(layer["indices"]) == len(layer["data"]))
        _need(all(a <= b for a, b in pairwise(ends)) and 0 not in layer["data"])
        for start, stop in pairwise(ends):
            columns = layer["indices"][start:stop]
            _need(_rising(columns) and all(column < inputs for column in columns))
        before = out


def _outputs(found: dict[str, Any]) -> int:
    return int(found["network"]["layers"][-1]["shape"][0])


def _outputs_named(found: dict[str, Any]) -> bool:
    return found["claim"]["rule"] == "argmax" and found["construction"] is None


def _label_allowed(found: dict[str, Any], label: Fraction) -> bool:
    """3.4, the table."""
    rule, classes = found["claim"]["rule"], found["dataset"]["classes"]
    if rule == "sign":
        return label == -1 or (label == 1 and (classes is None or len(classes) == 2))
    if rule == "within" or (rule == "equal" and classes is None):
        return True
    return label.denominator == 1 and 0 <= label < (_outputs(found) if rule == "argmax" else len(classes))


def _read_samples(found: dict[str, Any]) -> None:
    data, rule = found["dataset"], found["claim"]["rule"]
    size, dimension, classes = data["size"], data["dimension"], data["classes"]
    _need(size >= 1 and dimension >= 1)
    _need(data["columns"] is None or len(data["columns"]) == dimension)
    _need((_outputs(found) >= 2) == (rule == "argmax"))
    if classes is not None:
        _need(len(classes) >= 1 and len({type(name) for name in classes}) == 1 and rule != "within")
        _need(len(set(classes)) == len(classes) and (_outputs_named(found) or _rising(classes)))
        _need(rule != "sign" or len(classes) <= 2)
        _need(rule != "argmax" or len(classes) == _outputs(found))
    if data["points"] is None or data["labels"] is None:
        _need(data["points"] is data["labels"] is None and found["digests"]["dataset"] is not None)
        return
    _need(len(data["points"]) == len(data["labels"]) == size)
    _need(all(len(point) == dimension for point in data["points"]))
    _need(all(_label_allowed(found, label) for label in data["labels"]))
    if classes is not None and not _outputs_named(found):
        _need(len(set(data["labels"])) == len(classes))


def _read_claim(found: dict[str, Any]) -> None:
    """3.5."""
    claim, size = found["claim"], found["dataset"]["size"]
    within, tolerance = claim["rule"] == "within", claim["tolerance"]
    _need(tolerance is not None and tolerance >= 0 if within else tolerance is None)
    _need(_rising(claim["except"]) and all(row < size for row in claim["except"]))
    if claim["rule"] == "equal" or len(claim["except"]) == size:
        _need(claim["margin"] is None)
    squared, direction = claim["separation_squared"], claim["separation_direction"]
    _need(squared is None or squared > 0)
    if direction is not None:
        _need(squared is not None and len(direction) == found["dataset"]["dimension"] and any(direction))
    _need(claim["box_radius"] is None or claim["box_radius"] >= 0)


def _read_witness(found: dict[str, Any]) -> None:
    """3.6."""
    size, partitions = found["dataset"]["size"], found["witness"]["partitions"]
    widths = [found["network"]["input_size"], *(layer["shape"][0] for layer in found["network"]["layers"])]
    _need(all(len(classes) == size for classes in partitions.values()))
    for probe in found["witness"]["probes"]:
        neurons, name = probe["neurons"], probe["partition"]
        _need(probe["after_layer"] < len(widths) and len(neurons) >= 1 and _rising(neurons))
        _need(neurons[-1] < widths[probe["after_layer"]] and len(probe["coefficients"]) == len(neurons))
        _need(name is None or name in partitions)
        count = size if name is None else max(partitions[name]) + 1
        _need(len(probe["values"]) == count)


# --- 4 digests, 5 data beside the certificate -------------------------------------------------

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\"}


def _quoted(text: str) -> str:
    """4: a string in JSON ASCII."""
    parts = []
    for character in text:
        if character in _SHORT:
            parts.append(_SHORT[character])
        elif " " <= character <= "~":
            parts.append(character)
        else:
            units = character.encode("utf-16-be", "surrogatepass").hex()
            parts += [f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)]
    return '"' + "".join(parts) + '"'


def data_text(size: int, dimension: int, columns: list[str] | None, rows: list[tuple[Point, Any]]) -> str:
    """4.1."""
    names = "null" if columns is None else "[" + ", ".join(map(_quoted, columns)) + "]"
    lines = [f"memcert-data/1 {size} {dimension}", f"columns {names}"]
    for point, label in rows:
        last = _quoted(label) if isinstance(label, str) else _bare(Fraction(label))
        lines.append(" ".join([*map(_bare, point), last]))
    return "".join(line + "\n" for line in lines)


def network_text(network: dict[str, Any]) -> str:
    """4.2."""
    lines = [f"memcert-network/1 {network['input_size']} {len(network['layers'])}"]
    for layer in network["layers"]:
        out, inputs = layer["shape"]
        lines.append(f"layer {out} {inputs} {len(layer['data'])} {'1' if layer['relu'] else '0'}")
        for i, bias in enumerate(layer["bias"]):
            span = range(layer["indptr"][i], layer["indptr"][i + 1])
            weights = [f"{layer['indices'][t]}:{_bare(layer['data'][t])}" for t in span]
            lines.append(" ".join([_bare(bias), *weights]))
    return "".join(line + "\n" for line in lines)


def sha256(text: str) -> str:
    """Return the digest of an ASCII text."""
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


Given = tuple[int, int, list[str] | None, list[tuple[Point, Any]]]


def _bare_number(text: str) -> Fraction:
    return _number(int(text) if re.fullmatch("0|-?[1-9][0-9]{0,15}", text, re.A) else text)


def _given(data: bytes) -> Given:
    """Read a data text; it is canonical iff writing what was read gives the same bytes."""
    try:
        lines = data.decode("ascii").split("\n")
        header, columns = lines[0].split(" "), json.loads(lines[1].removeprefix("columns "))
        size, dimension = int(header[1]), int(header[2])
        rows = [_given_row(line, dimension) for line in lines[2:-1]]
        again = data_text(size, dimension, columns, rows)
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
        raise Outcome("malformed") from None
    _need(again.encode("ascii") == data and len(rows) == size >= 1 and dimension >= 1)
    return size, dimension, columns, rows


def _given_row(line: str, dimension: int) -> tuple[Point, Any]:
    *numbers, label = line.split(" ", dimension)
    _need(len(numbers) == dimension)
    value = json.loads(label) if label.startswith('"') else _bare_number(label)
    return [_bare_number(text) for text in numbers], value


# --- 6 the check ------------------------------------------------------------------------------


def _own(found: dict[str, Any]) -> Given | None:
    data = found["dataset"]
    if data["points"] is None:
        return None
    rows = []
    for point, label in zip(data["points"], data["labels"], strict=True):
        original = label
        if data["classes"] is not None:
            original = data["classes"][int(label == 1) if found["claim"]["rule"] == "sign" else int(label)]
        rows.append((point, original))
    return data["size"], data["dimension"], data["columns"], rows


def _check(found: dict[str, Any], given: Given | None) -> None:
    own, stated = _own(found), found["digests"]["dataset"]
    used = own if given is None else given
    if used is None:
        raise Outcome("undecided")
    _need(used[:2] == (found["dataset"]["size"], found["dataset"]["dimension"]), "mismatch")
    mine = stated if own is None else sha256(data_text(*own))
    _need(sha256(data_text(*used)) == mine, "mismatch")
    _need(stated in (None, mine), "rejected")
    _need(found["dataset"]["columns"] == used[2], "rejected")
    network = sha256(network_text(found["network"]))
    _need(found["digests"]["network"] in (None, network), "rejected")
    _check_sizes(found)
    points = [point for point, _ in used[3]]
    labels = [_numbered(found, label) for _, label in used[3]]
    _check_rows(found, points, labels)
    _check_points(found["claim"], points)


def _numbered(found: dict[str, Any], label: Any) -> Fraction:
    classes = found["dataset"]["classes"]
    if classes is not None:
        known = {name: Fraction(i) for i, name in enumerate(classes)}
        _need(label in known, "rejected")
        number = known[label] * 2 - 1 if found["claim"]["rule"] == "sign" else known[label]
    else:
        _need(not isinstance(label, str), "rejected")
        number = Fraction(label)
    _need(_label_allowed(found, number), "rejected")
    return number


def _check_sizes(found: dict[str, Any]) -> None:
    claim, layers = found["claim"], found["network"]["layers"]
    weights = [w for layer in layers for w in layer["data"]]
    biases = [b for layer in layers for b in layer["bias"]]
    bits = [len(f"{abs(x.numerator):b}".lstrip("0")) + len(f"{x.denominator:b}") for x in weights + biases]
    _need(claim["width"] == max([layer["shape"][0] for layer in layers[:-1]], default=0), "rejected")
    _need(claim["depth"] == len(layers), "rejected")
    _need(claim["edges"] == len(weights), "rejected")
    _need(claim["parameters"] == len(weights) + len([b for b in biases if b]), "rejected")
    _need(claim["bit_complexity"] == max(bits), "rejected")


def _stages(network: dict[str, Any], point: Point) -> list[Point]:
    """Return h_0, ..., h_L."""
    stages = [point]
    for layer in network["layers"]:
        after = []
        for i, bias in enumerate(layer["bias"]):
            span = range(layer["indptr"][i], layer["indptr"][i + 1])
            total = bias + sum(layer["data"][t] * stages[-1][layer["indices"][t]] for t in span)
            after.append(max(total, Fraction(0)) if layer["relu"] else total)
        stages.append(after)
    return stages


def _margin(claim: dict[str, Any], outputs: Point, label: Fraction) -> tuple[bool, Fraction]:
    """1.1: whether the rule holds, and its margin."""
    if claim["rule"] == "argmax":
        others = [value for j, value in enumerate(outputs) if j != label]
        margin = outputs[int(label)] - max(others)
        return margin > 0, margin
    if claim["rule"] == "sign":
        return label * outputs[0] > 0, label * outputs[0]
    margin = (claim["tolerance"] or 0) - abs(outputs[0] - label)
    return margin >= 0, margin


def _check_rows(found: dict[str, Any], points: list[Point], labels: list[Fraction]) -> None:
    claim, witness, margins = found["claim"], found["witness"], []
    for row, (point, label) in enumerate(zip(points, labels, strict=True)):
        stages = _stages(found["network"], point)
        held, margin = _margin(claim, stages[-1], label)
        _need(held != (row in claim["except"]), "rejected")
        if held:
            margins.append(margin)
        for probe in witness["probes"]:
            here = stages[probe["after_layer"]]
            form = sum(c * here[j] for c, j in zip(probe["coefficients"], probe["neurons"], strict=True))
            name = probe["partition"]
            place = row if name is None else witness["partitions"][name][row]
            _need(form == probe["values"][place], "rejected")
    if found["dataset"]["classes"] is not None and not _outputs_named(found):
        _need(len(set(labels)) == len(found["dataset"]["classes"]), "rejected")
    _need(claim["margin"] is None or claim["margin"] == min(margins), "rejected")


def _check_points(claim: dict[str, Any], points: list[Point]) -> None:
    """3.5: data radius and separation."""
    _need(claim["data_radius_squared"] == max(sum(x * x for x in point) for point in points), "rejected")
    stated, direction = claim["separation_squared"], claim["separation_direction"]
    if stated is None:
        return
    distinct = sorted({tuple(point) for point in points})
    _need(len(distinct) >= 2, "rejected")
    if direction is None:
        pairs = ((p, q) for i, p in enumerate(distinct) for q in distinct[i + 1 :])
        squares = (sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) for p, q in pairs)
        _need(stated == min(squares), "rejected")
        return
    along = sorted(sum(v * x for v, x in zip(direction, point, strict=True)) for point in distinct)
    gap = min(b - a for a, b in pairwise(along))
    _need(stated <= gap**2 / sum(v * v for v in direction), "rejected")
