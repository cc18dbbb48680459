"""Contracts written by hand for the tests, and small changes of them."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import (
    Atom,
    Case,
    Contract,
    ContractLayer,
    Ensure,
    Input,
    Output,
    Parameter,
    Term,
)

BIT_JSON = """
{"id":"bit","parameters":[{"name":"k","at":["bit","q2"]}],"assumes":[[">",[[1,"k"]]]],
"inputs":[{"name":"p","is":[["1/2","a1"]]},{"name":"q","is":[["1/2","a3"]]}],
"layers":[{"relu":true,"neurons":[["a1",[[2,"p"]]],["a2",[[4,"p"],[-2]]],["a3",[[2,"q"]]],["a4",[[4,"q"],[-2]]]]},
{"relu":true,"neurons":[["p2",[[1,"a1"],[-1,"a2"]]],["q2",[[1,"a3"],[-1,"a4"]]]]},
{"relu":true,"neurons":[["p3",[[1,"p2"]]],["q3",[[1,"q2"]]],["bit",[[1,"k","q2"],[-1,"k","p2"]]]]}],
"outputs":[{"name":"p3","is":"p3"},{"name":"q3","is":"q3"},{"name":"bit","is":"bit"}],
"cases":[
{"name":"low_zero","requires":[[">=",[[1,"p"]]],[">=",[[1,"q"]]],[">=",[[-2,"p"],[1]]],[">=",[[-2,"q"],[1]]],
["=",[[2,"k","p"],[-2,"k","q"],[-1]]]],"ensures":[["p3","=",[[2,"p"]]],["q3","=",[[2,"q"]]],["bit","=",[]]]},
{"name":"low_one","requires":[[">=",[[1,"p"]]],[">=",[[1,"q"]]],[">=",[[-2,"p"],[1]]],[">=",[[-2,"q"],[1]]],
["=",[[-2,"k","p"],[2,"k","q"],[-1]]]],"ensures":[["p3","=",[[2,"p"]]],["q3","=",[[2,"q"]]],["bit","=",[[1]]]]},
{"name":"high_zero","requires":[[">=",[[2,"p"],[-1]]],[">=",[[2,"q"],[-1]]],[">=",[[-1,"p"],[1]]],
[">=",[[-1,"q"],[1]]],["=",[[-2,"k","p"],[2,"k","q"],[-1]]]],
"ensures":[["p3","=",[[-2,"p"],[2]]],["q3","=",[[-2,"q"],[2]]],["bit","=",[]]]},
{"name":"high_one","requires":[[">=",[[2,"p"],[-1]]],[">=",[[2,"q"],[-1]]],[">=",[[-1,"p"],[1]]],
[">=",[[-1,"q"],[1]]],["=",[[2,"k","p"],[-2,"k","q"],[-1]]]],
"ensures":[["p3","=",[[-2,"p"],[2]]],["q3","=",[[-2,"q"],[2]]],["bit","=",[[1]]]]}]}
"""
SELECT_JSON = """
{"id":"select","parameters":[{"name":"a2","at":["l1",null]},{"name":"b2","at":["r1",null]},
{"name":"w","at":["y3","l2"]}],
"assumes":[[">=",[[-1,"b2"],[-1,"a2"]]],[">=",[[1,"w"]]]],
"inputs":[{"name":"x","is":[[1,"x1"]]},{"name":"y","is":[[1,"y1"]]}],
"layers":[{"relu":true,"neurons":[["x1",[[1,"x"]]],["y1",[[1,"y"]]],["l1",[[-2,"x"],[1,"a2"]]],
["r1",[[2,"x"],[1,"b2"]]]]},
{"relu":true,"neurons":[["x2",[[1,"x1"]]],["y2",[[1,"y1"]]],["l2",[[-1,"l1"],[1]]],["r2",[[-1,"r1"],[1]]]]},
{"relu":true,"neurons":[["x3",[[1,"x2"]]],["y3",[[1,"y2"],[1,"w","l2"],[1,"w","r2"],[-1,"w"]]]]}],
"outputs":[{"name":"x3","is":"x3"},{"name":"y3","is":"y3"}],
"cases":[
{"name":"inside","requires":[[">=",[[1,"x"]]],[">=",[[1,"y"]]],[">=",[[2,"x"],[-1,"a2"]]],
[">=",[[-2,"x"],[-1,"b2"]]]],"ensures":[["x3","=",[[1,"x"]]],["y3","=",[[1,"y"],[1,"w"]]]]},
{"name":"below","requires":[[">=",[[1,"x"]]],[">=",[[1,"y"]]],[">=",[[-2,"x"],[1,"a2"],[-1]]]],
"ensures":[["x3","=",[[1,"x"]]],["y3","=",[[1,"y"]]]]},
{"name":"above","requires":[[">=",[[1,"x"]]],[">=",[[1,"y"]]],[">=",[[2,"x"],[1,"b2"],[-1]]]],
"ensures":[["x3","=",[[1,"x"]]],["y3","=",[[1,"y"]]]]}]}
"""


def read(words: str) -> Contract:
    """Read a contract of the format's JSON."""
    value = json.loads(words)
    return Contract(
        id=value["id"],
        parameters=tuple(Parameter(p["name"], *p["at"]) for p in value["parameters"]),
        assumes=tuple(Atom(relation, _term(term)) for relation, term in value["assumes"]),
        inputs=tuple(Input(u["name"], _term(u["is"]), "constant" in u) for u in value["inputs"]),
        layers=tuple(
            ContractLayer(one["relu"], tuple((name, _term(row)) for name, row in one["neurons"]))
            for one in value["layers"]
        ),
        outputs=tuple(Output(o["name"], _term(o["is"])) for o in value["outputs"]),
        cases=tuple(
            Case(
                c["name"],
                tuple(Atom(relation, _term(term)) for relation, term in c["requires"]),
                tuple(Ensure(output, relation, _term(term)) for output, relation, term in c["ensures"]),
            )
            for c in value["cases"]
        ),
    )


def _term(value: Any) -> Term:
    if isinstance(value, str):
        return ((1, (value,)),)
    return tuple((Fraction(c) if isinstance(c, str) else c, tuple(names)) for c, *names in value)


BIT = read(BIT_JSON)
SELECT = read(SELECT_JSON)
COMPARISON = Contract(
    id="comparison",
    parameters=(),
    assumes=(),
    inputs=inputs("v = r1"),
    layers=(layer("r1 = v", "r2 = -v - 2"), layer("s1 = 1 - r1", "s2 = 1 - r2")),
    outputs=outputs("same = s1 + s2"),
    cases=(
        case("match", "v <= 0, v >= -2", "same = 2"),
        case("left", "v >= 1", "same = 1"),
        case("right", "v <= -3", "same = 1"),
        case("ramp", "", "same >= 1, same <= 2"),
    ),
)
"""v = 2 key - 2 x: one more than 1 iff key <= x <= key + 1, and 1 beyond the ramps."""
GATE = Contract(
    id="gate",
    parameters=parameters(("g", "gate", "s1")),
    assumes=atoms("g > 0"),
    inputs=inputs("v = r1, lab = lab1"),
    layers=(
        layer("r1 = v", "r2 = -v - 2", "lab1 = lab"),
        layer("s1 = 1 - r1", "s2 = 1 - r2", "lab2 = lab1"),
        layer("gate = g*s1 + g*s2 + lab2 - 2g"),
    ),
    outputs=outputs("gate"),
    cases=(
        case("empty", "lab = 0", "gate = 0"),
        case("match", "v <= 0, v >= -2, lab >= 0", "gate = lab"),
        case("left", "v >= 1, lab >= 0, lab <= g", "gate = 0"),
        case("right", "v <= -3, lab >= 0, lab <= g", "gate = 0"),
    ),
)
"""lab passes where v = 2 key - 2 x says that x is in the key's window."""
SIMPLE = Contract(
    id="simple",
    parameters=parameters(("w", "y", None)),
    assumes=atoms("w > 0"),
    inputs=inputs("u ~ y"),
    layers=(layer("y = u + w"),),
    outputs=outputs("y"),
    cases=(case("on", "u >= 0", "y = u + w"), case("off", "u <= -w", "y = 0")),
)
"""relu(u + w), u being the row without its constant."""


def with_case(contract: Contract, name: str, requires: str, ensures: str) -> Contract:
    """Return the contract with this as its only case."""
    return replace(contract, cases=(case(name, requires, ensures),))
