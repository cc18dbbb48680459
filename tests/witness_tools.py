"""Properties, witnesses and small networks for the tests of the referee."""

from collections.abc import Sequence
from pathlib import Path

from strategies import layer

from memcert.kernel.network import Network
from memcert.witnesses.judging import Judgement, fitting, judge
from memcert.witnesses.prepared import Prepared
from memcert.witnesses.properties import read_property
from memcert.witnesses.specification import Specification
from memcert.witnesses.witness_files import read_witness


def declared(inputs: int, outputs: int) -> str:
    """Return the declarations of a property of version 1.0."""
    names = [*(f"X_{i}" for i in range(inputs)), *(f"Y_{i}" for i in range(outputs))]
    return "".join(f"(declare-const {name} Real)\n" for name in names)


def box(*sides: tuple[str, str]) -> str:
    """Return assertions that X_i lies between the two texts of its side."""
    return "".join(
        f"(assert (>= X_{i} {low}))\n(assert (<= X_{i} {high}))\n" for i, (low, high) in enumerate(sides)
    )


def written(folder: Path, text: str, name: str = "property.vnnlib") -> str:
    """Write a text and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def pairs(*values: object, outputs: Sequence[object] = ()) -> str:
    """Return a witness in the competition's layout."""
    named = [*((f"X_{i}", x) for i, x in enumerate(values)), *((f"Y_{i}", y) for i, y in enumerate(outputs))]
    return "sat\n(" + "\n".join(f"({name} {value})" for name, value in named) + ")\n"


def hat() -> Network:
    """Return x -> (relu(x0) + relu(x1), x0 - x1) through one layer of ReLUs."""
    hidden = layer([[1, 0], [0, 1], [-1, 0], [0, -1]], [0, 0, 0, 0], relu=True)
    last = layer([[1, 1, 0, 0], [1, -1, -1, 1]], [0, 0], relu=False)
    return Network(2, (hidden, last))


def judged(folder: Path, spec: str, witness: str, network: Network) -> tuple[Specification, Judgement]:
    """Write, read and judge."""
    stated = read_property(written(folder, spec))
    given = read_witness(written(folder, witness, "witness.txt"), stated)
    return stated, judge(stated, fitting(stated, {"": Prepared(network)}), given)
