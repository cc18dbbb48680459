"""For each verdict: the code and libraries that it rests on, and what is assumed.

UNTRUSTED. A test follows the imports from each entry and fails where this table and the code drift apart.
"""

from dataclasses import dataclass

PYTHON = (
    "CPython, its integers and its standard library (json, fractions, hashlib, re, zlib) do what they say"
)
SHA_256 = "nobody knows two texts with one SHA-256"
IMPORTED = "the importer reads the model as its format defines it"
PARSED = "for VNN-LIB 2.0, the library reads the structure of a property as the standard has it"
SOLVER = "the solver is right in each of its answers `unsat`, over the real numbers"
EXACT = "numpy's integer arithmetic, and below 2^53 its float64 products, are those of IEEE 754"


@dataclass(frozen=True, slots=True)
class Basis:
    """What one verdict rests on.

    Args:
        verdict: the line that a command prints.
        command: which one.
        entries: the modules that decide.
        packages: all packages and modules of memcert that these reach.
        libraries: distributions from outside the standard library that these may load.
        assumed: in words.
    """

    verdict: str
    command: str
    entries: tuple[str, ...]
    packages: tuple[str, ...]
    libraries: tuple[str, ...]
    assumed: tuple[str, ...]


BASES = (
    Basis(
        "accepted (kernel)",
        "check, python -m memcert.kernel",
        ("memcert.kernel.decode", "memcert.kernel.check"),
        ("kernel",),
        (),
        (PYTHON, SHA_256),
    ),
    Basis(
        "accepted (fast engine)",
        "check",
        ("memcert.kernel.decode", "memcert.exact.check"),
        ("errors", "exact", "formats", "kernel"),
        ("numpy", "threadpoolctl"),
        (PYTHON, SHA_256, EXACT),
    ),
    Basis(
        "proved",
        "prove",
        ("memcert.kernel.decode", "memcert.proofs.prove"),
        ("contracts", "errors", "exact", "formats", "kernel", "proofs"),
        ("cvc5", "joblib", "numpy", "python-flint", "z3-solver"),
        (PYTHON, SHA_256, EXACT, SOLVER),
    ),
    Basis(
        "valid evidence",
        "check",
        ("memcert.evidence.decode", "memcert.evidence.check"),
        ("errors", "evidence", "kernel"),
        (),
        (PYTHON, SHA_256),
    ),
    Basis(
        "boxes replayed",
        "check --boxes",
        ("memcert.boxes.decode", "memcert.boxes.check"),
        ("boxes", "kernel"),
        (),
        (PYTHON, SHA_256),
    ),
    Basis(
        "exact (counterexample)",
        "witness",
        ("memcert.witnesses.properties", "memcert.witnesses.judging"),
        ("errors", "formats", "kernel", "witnesses"),
        ("numpy", "vnnlib"),
        (PYTHON, PARSED, IMPORTED),
    ),
)
"""In the order of what they ask one to believe."""
