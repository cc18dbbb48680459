"""Small true certificates, written by hand, from which every corrupted file is made by one edit."""

from copy import deepcopy
from typing import Any

Json = Any

NEURON: Json = {
    "id": "neuron",
    "parameters": [],
    "assumes": [],
    "inputs": [{"name": "u", "is": [[1, "y"]], "dropped": False}],
    "layers": [{"relu": True, "neurons": [["y", [[1, "u"]]]]}],
    "outputs": [{"name": "y", "is": [[1, "y"]]}],
    "cases": [
        {"name": "on", "requires": [[">=", [[1, "u"]]]], "ensures": [["y", "=", [[1, "u"]]]]},
        {"name": "off", "requires": [[">=", [[-1, "u"]]]], "ensures": [["y", "=", []]]},
    ],
}
LINEAR: Json = {
    "id": "linear",
    "parameters": [],
    "assumes": [],
    "inputs": [{"name": "u", "is": [[1, "y"]], "dropped": False}],
    "layers": [{"relu": False, "neurons": [["y", [[1, "u"]]]]}],
    "outputs": [{"name": "y", "is": [[1, "y"]]}],
    "cases": [{"name": "always", "requires": [], "ensures": [["y", "=", [[1, "u"]]]]}],
}
POINTS: Json = [[0, 0], [1, 0], [2, "1/2"], [3, 0], [4, -1]]
"""Five points: squared distances 1, 5/4, 5/4, 2 between neighbours; the largest |x|^2 is 17."""


def _block(name: str, layer: int, neuron: int, contract: str) -> Json:
    return {
        "name": name,
        "stage": "neurons",
        "first_layer": layer,
        "last_layer": layer,
        "contract": contract,
        "neurons": [[neuron]],
        "with": {},
    }


def _layer(inputs: int, rows: list[list[list[Json]]], bias: list[Json], relu: bool) -> Json:
    # A row is a list of [column, weight].
    indptr = [0]
    for row in rows:
        indptr.append(indptr[-1] + len(row))
    return {
        "shape": [len(rows), inputs],
        "indptr": indptr,
        "indices": [edge[0] for row in rows for edge in row],
        "data": [edge[1] for row in rows for edge in row],
        "bias": bias,
        "relu": relu,
    }


def _certificate(labels: Json, classes: Json, layers: Json, claim: Json, blocks: Json) -> Json:
    return {
        "format": "memcert/1",
        "construction": None,
        "model": None,
        "dataset": {
            "name": "five points",
            "size": 5,
            "dimension": 2,
            "columns": ["x", "y"],
            "classes": classes,
            "points": [list(point) for point in POINTS],
            "labels": labels,
        },
        "network": {"input_size": 2, "layers": layers},
        "claim": {
            "rule": "equal",
            "tolerance": None,
            "except": [],
            "separation_squared": 1,
            "separation_direction": None,
            "data_radius_squared": 17,
            "margin": None,
            "box_radius": None,
            "promises": [],
            **claim,
        },
        "contracts": deepcopy([NEURON, LINEAR]),
        "blocks": blocks,
        "witness": {"partitions": {}, "probes": []},
        "digests": {"dataset": None, "network": None},
        "annotations": {"made": "by hand"},
    }


def tent() -> Json:
    """F(x, y) = relu(2 - relu(x - 2) - relu(2 - x)) is 0, 1, 2, 1, 0 at the five points; rule equal."""
    layers = [
        _layer(2, [[[0, 1]], [[0, -1]]], [-2, 2], True),
        _layer(2, [[[0, -1], [1, -1]]], [2], True),
        _layer(1, [[[0, 1]]], [0], False),
    ]
    claim = {"width": 2, "depth": 3, "parameters": 8, "edges": 5, "bit_complexity": 3}
    blocks = [
        _block("right", 0, 0, "neuron"),
        _block("left", 0, 1, "neuron"),
        _block("top", 1, 0, "neuron"),
        _block("out", 2, 0, "linear"),
    ]
    made = _certificate([0, 1, 2, 1, 0], ["a", "b", "c"], layers, claim, blocks)
    made["witness"] = {
        "partitions": {"right": [0, 0, 0, 1, 2]},
        "probes": [
            {
                "name": "distance",
                "after_layer": 1,
                "neurons": [0, 1],
                "coefficients": [1, 1],
                "partition": None,
                "values": [2, 1, 0, 1, 2],
            },
            {
                "name": "right half",
                "after_layer": 1,
                "neurons": [0],
                "coefficients": ["1/2"],
                "partition": "right",
                "values": [0, "1/2", 1],
            },
        ],
    }
    return made


def sign() -> Json:
    """F(x, y) = 2 x - 3 is -3, -1, 1, 3, 5; rule sign, margin 1; y is left alone by the network."""
    layers = [_layer(2, [[[0, 2]]], [-3], False)]
    claim = {"rule": "sign", "margin": 1, "width": 0, "depth": 1, "parameters": 2, "edges": 1}
    claim |= {"bit_complexity": 3, "box_radius": "1/4"}
    return _certificate([-1, -1, 1, 1, 1], ["no", "yes"], layers, claim, [_block("out", 0, 0, "linear")])


def argmax() -> Json:
    """F(x, y) = (3, 2 x): 3 against 0, 2, 4, 6, 8; rule argmax, margin 1."""
    layers = [_layer(2, [[], [[0, 2]]], [3, 0], False)]
    claim = {"rule": "argmax", "margin": 1, "width": 0, "depth": 1, "parameters": 2, "edges": 1}
    blocks = [_block("first", 0, 0, "linear"), _block("second", 0, 1, "linear")]
    return _certificate([0, 0, 1, 1, 1], None, layers, claim | {"bit_complexity": 3}, blocks)


def within() -> Json:
    """F(x, y) = x against labels that are 1/4, 0, 1/4, 0, 1/8 away; rule within 1/4, margin 0."""
    layers = [_layer(2, [[[0, 1]]], [0], False)]
    claim = {"rule": "within", "tolerance": "1/4", "margin": 0, "width": 0, "depth": 1, "parameters": 1}
    labels = ["1/4", 1, "7/4", 3, "33/8"]
    claim |= {"edges": 1, "bit_complexity": 2}
    return _certificate(labels, None, layers, claim, [_block("out", 0, 0, "linear")])


BASES = {"tent": tent, "sign": sign, "argmax": argmax, "within": within}
