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
ROUNDED = "numpy's float32 and float64 operations round as IEEE 754 says"
RUNTIME = "a runtime to which `any order` is applied sums and rounds as the words of the verdict say"
FILES = "git and the file system give the files that they hold; nobody else acts as this user"
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
        ("datasets", "errors", "exact", "formats", "kernel"),
        ("numpy", "threadpoolctl"),
        (PYTHON, SHA_256, EXACT),
    ),
    Basis(
        "proved",
        "prove",
        ("memcert.kernel.decode", "memcert.proofs.prove"),
        ("contracts", "datasets", "errors", "exact", "formats", "kernel", "proofs"),
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
        "boxes replayed (fast engine)",
        "check --boxes",
        ("memcert.boxes.decode", "memcert.boxes.check", "memcert.regions.replaying"),
        ("boxes", "errors", "exact", "kernel", "regions"),
        ("numpy", "threadpoolctl"),
        (PYTHON, SHA_256, EXACT),
    ),
    Basis(
        "verified",
        "verify",
        ("memcert.interop.models", "memcert.verification.verdicts"),
        ("cluster", "datasets", "endings", "errors", "exact", "formats", "interop", "kernel", "verification"),
        ("distributed", "joblib", "numpy", "onnx", "safetensors", "skops", "threadpoolctl"),
        (PYTHON, SHA_256, EXACT, IMPORTED),
    ),
    Basis(
        "boxes decided",
        "verify --box",
        ("memcert.interop.models", "memcert.regions.boxes"),
        ("boxes", "datasets", "endings", "errors", "exact", "formats", "interop", "kernel", "regions"),
        ("numpy", "onnx", "safetensors", "skops", "threadpoolctl"),
        (PYTHON, SHA_256, EXACT, ROUNDED, IMPORTED),
    ),
    Basis(
        "regions",
        "verify --regions",
        ("memcert.interop.models", "memcert.regions.radii"),
        ("boxes", "datasets", "endings", "errors", "exact", "formats", "interop", "kernel", "regions"),
        ("numpy", "onnx", "safetensors", "skops", "threadpoolctl"),
        (PYTHON, EXACT, ROUNDED, IMPORTED),
    ),
    Basis(
        "semantics",
        "verify --semantics",
        ("memcert.semantics.models", "memcert.semantics.told", "memcert.verification.parallel"),
        (
            "cluster",
            "datasets",
            "endings",
            "errors",
            "exact",
            "formats",
            "interop",
            "kernel",
            "semantics",
            "verification",
        ),
        ("distributed", "joblib", "numpy", "onnx", "safetensors", "skops", "threadpoolctl"),
        (PYTHON, EXACT, ROUNDED, RUNTIME, IMPORTED),
    ),
    Basis(
        "exact (counterexample)",
        "witness",
        ("memcert.witnesses.properties", "memcert.interop.models", "memcert.witnesses.judging"),
        ("datasets", "endings", "errors", "formats", "interop", "kernel", "witnesses"),
        ("numpy", "onnx", "safetensors", "skops", "vnnlib"),
        (PYTHON, PARSED, IMPORTED),
    ),
    Basis(
        "passed",
        "gate",
        ("memcert.gate.run", "memcert.gate.examination"),
        (
            *(
                "boxes",
                "cluster",
                "contracts",
                "endings",
                "errors",
                "evidence",
                "exact",
                "findings",
                "datasets",
                "formats",
                "gate",
            ),
            *("interop", "kernel", "limits", "proofs", "regions", "reports", "trust"),
        ),
        (
            *("cvc5", "distributed", "joblib", "numpy", "onnx", "pydantic", "python-flint", "safetensors"),
            *("skops", "threadpoolctl", "z3-solver"),
        ),
        (PYTHON, SHA_256, EXACT, SOLVER, IMPORTED, FILES),
    ),
)
"""In the order of what they ask one to believe."""
