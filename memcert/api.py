"""The public functions: read, build, write, check, prove, verify, witness.

UNTRUSTED. Each loads what it needs when it is called; nothing here prints or exits.
"""

from collections.abc import Callable, Iterable
from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memcert import given
from memcert.given import Source

if TYPE_CHECKING:
    from memcert.constructions.registry import OptionValue
    from memcert.datasets.dataset import Dataset
    from memcert.datasets.stored import Rows
    from memcert.exact.check import FastAccepted
    from memcert.interop.export.floats import Rounded
    from memcert.kernel.certificate import Certificate, Number
    from memcert.kernel.verdict import Accepted
    from memcert.proofs.result import ProofResult
    from memcert.questions.model import VerifiedModel
    from memcert.questions.witnesses import JudgedWitness

Engine = Literal["kernel", "fast"]
SMALL_WORK = 2_000_000
"""Nonzero weights times samples, up to which the kernel needs less than about a second."""


def read_dataset(
    source: Source,
    *,
    label: str | None = None,
    labels: str | None = None,
    header: bool = True,
    delimiter: str | None = None,
    consistent: bool = True,
) -> "Dataset":
    """Read labelled data exactly: decimals and fractions never pass through a float.

    Args:
        source: a CSV, NPZ, JSON, IDX, Parquet or CNF (DIMACS) file, or `sklearn:NAME`.
        label: the column of the labels; else `label`, `class`, `target` or `y`, else the last.
        labels: a file of its own for the labels.
        header: whether the first row of a CSV holds names.
        delimiter: what separates the cells of a CSV; None: found out.
        consistent: refuse equal points with different labels, which no network memorizes.

    Raises:
        DatasetError: the data are malformed; the message names row and column.
        UsageError: the file cannot be opened.
        UnsupportedError: an extra is needed that is not installed.
    """
    from memcert.datasets.reading import read_dataset as reader

    return reader(
        fspath(source), label=label, labels=labels, header=header, delimiter=delimiter, consistent=consistent
    )


def read_rows(
    source: Source,
    *,
    label: str | None = None,
    labels: str | None = None,
    header: bool = True,
    delimiter: str | None = None,
) -> "Rows":
    """Read labelled data of any size for `verify` and `check`: rows are laid aside on disk, some are held.

    Args:
        source: as for `read_dataset`; JSON, formulas and scikit-learn's sets are held in memory.
        label: as there.
        labels: as there.
        header: as there.
        delimiter: as there.

    Raises:
        DatasetError, UsageError, UnsupportedError: as there. UndecidedError: the disk is full.
    """
    from memcert.datasets.reading import read_rows as reader

    return reader(fspath(source), label=label, labels=labels, header=header, delimiter=delimiter)


def build(
    dataset: "Dataset | Source",
    construction: str = "vardi-yehudai-shamir",
    *,
    rule: str | None = None,
    tolerance: "Number | str | None" = None,
    seed: int = 0,
    separation: str | None = None,
    **options: "OptionValue",
) -> "Certificate":
    """Build a network that memorizes the data, with the certificate that says so.

    Args:
        dataset: N >= 1 labelled points, or where to read them.
        construction: the name of one in the registry.
        rule: `equal`, `sign`, `argmax` or `within`; None: the construction's first.
        tolerance: for `within`, above 0; text such as 1/3 or 0.1 is read exactly.
        seed: of every random choice; the same seed gives the same certificate.
        separation: `exact` or `direction`; None: exact up to 2,000 distinct points.
        options: the construction's own.

    Raises:
        DatasetError: contradictory labels of equal points, or data that cannot be read.
        BuildError: the construction refuses these data.
        NoNetworkError: there is no network of its class; `memcert.evidence` has the reason, if one
            can be checked.
        UsageError: an unknown construction or option.
    """
    from memcert.constructions.assemble import build as assemble

    return assemble(
        given.data(dataset),
        construction,
        rule=rule,
        tolerance=tolerance,
        seed=seed,
        separation=separation,
        **options,
    )


def read(path: Source) -> "Certificate":
    """Read a certificate; nothing of it is believed or checked by that.

    Raises:
        Malformed: it is not a certificate.
        Unsupported: it has another format or version.
        LimitReached: it is too large.
        OSError: the file cannot be opened.
    """
    return given.certificate(path)


def write(certificate: "Certificate", path: Source) -> None:
    """Write a certificate in canonical form, under a temporary name until it is whole.

    Args:
        certificate: what to write.
        path: where; a name that ends in `.gz` is packed.

    Raises:
        OSError: the file cannot be written.
    """
    from memcert.formats.certificates import write as writer

    writer(certificate, Path(path))


def engine_for(certificate: "Certificate") -> Engine:
    """Return the engine that suits the size of the work. Raises: never."""
    weights = sum(len(layer.data) + len(layer.bias) for layer in certificate.network.layers)
    return "kernel" if weights * certificate.dataset.size <= SMALL_WORK else "fast"


def check(
    certificate: "Certificate | Source",
    dataset: "Rows | Source | None" = None,
    *,
    engine: Engine | None = None,
    samples: Iterable[int] | None = None,
    model: Source | None = None,
) -> "Accepted | FastAccepted":
    """Check a certificate exactly: the rule on every sample, and every claim that needs no proof.

    Args:
        certificate: what to check, or where to read it.
        dataset: the user's own samples, run instead of the quoted ones; of a file, some at a time.
        engine: None: the kernel for small work, else the fast engine; they agree bit for bit.
        samples: rows, if only these are to be examined; `whole` is then false.
        model: the user's own model file, read again as the certificate records, and compared.

    Returns:
        `Accepted`, by the kernel, or `FastAccepted`.

    Raises:
        Rejected: a claim is false; Mismatch: the samples or the model are others; Malformed,
        Unsupported, LimitReached: as `read` says, or a value grew beyond a bound.
        UsageError: `samples` names a row that is not there, or none; or the data are detached and
        no `dataset` is given.
    """
    from memcert.datasets.arguments import selected

    wanted = given.with_data(certificate, dataset)
    given.confirm_model(wanted, model)
    own, table = given.own_table(wanted, dataset)
    select = None if samples is None else selected(samples, wanted.dataset.size, "samples")
    if (engine or engine_for(wanted)) == "kernel":
        from memcert.kernel.check import check as kernel_check

        return kernel_check(wanted, table, select)
    from memcert.exact.check import fast_check

    return fast_check(wanted, own, select)


def prove(
    certificate: "Certificate | Source",
    dataset: "Dataset | Source | None" = None,
    *,
    solver: str = "z3",
    timeout: float = 10.0,
    jobs: int = 1,
    progress: Callable[[str, int, int], None] | None = None,
    model: Source | None = None,
) -> "ProofResult":
    """Prove each block against its contract for all inputs, and from that the rule on every box.

    Args:
        certificate: what to prove, or where to read it.
        dataset: the user's own samples instead of the quoted ones.
        solver: `z3` or `cvc5` (extra).
        timeout: seconds for each obligation.
        jobs: processes.
        progress: told about every step: its name, how many are done, how many there are.
        model: the user's own model file, read again as the certificate records, and compared.

    Returns:
        A result whose `verdict` is `proved`, `refuted` (with `refutation`: rule, place, exact
        values) or `undecided`; only the first is success.

    Raises:
        Unsupported: there is no outline to prove, or an extra is missing.
        Malformed: the certificate or its outline is none.
        Mismatch: the user's samples are other samples. Rejected: a digest in the file is wrong.
        LimitReached: as `read`.
        UsageError: the data are detached and no `dataset` is given.
    """
    from memcert.proofs.prove import prove as prover

    wanted = given.with_data(certificate, dataset)
    given.confirm_model(wanted, model)
    own = given.own_data(wanted, dataset)
    return prover(wanted, dataset=own, solver=solver, timeout=timeout, jobs=jobs, progress=progress)


def export(
    certificate: "Certificate | Source",
    path: Source,
    *,
    kind: Literal["float32", "float64"] = "float64",
    rounded: bool = False,
) -> "Rounded | None":
    """Write a certificate's network for other tools: SMT-LIB 2, exact, or ONNX with binary floats.

    Args:
        certificate: whose network, or where to read it.
        path: a name that ends in `.smt2`, `.smt2.gz` or `.onnx`.
        kind: of the weights of an ONNX file.
        rounded: write the nearest floats where a weight is none; the network is another one then.

    Returns:
        For ONNX, the network that was written and how many weights were rounded.

    Raises:
        UnsupportedError: a weight is no such float and `rounded` is not asked for, or is beyond the range.
        UsageError: another ending. OSError: the file cannot be written.
    """
    from memcert.interop.export.files import write_network

    network = given.certificate(certificate).network
    return write_network(network, Path(path), kind, rounding=rounded)


def verify(
    model: "Source | object",
    dataset: "Rows | Source",
    rule: str,
    *,
    tolerance: "Number | str | None" = None,
    classes: Iterable[str] | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    paranoid: bool = False,
    per_row: Source | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    **options: "str | bool",
) -> "VerifiedModel":
    """Verify a network made elsewhere, exactly: verdict and margin of every row, as rationals.

    Args:
        model: a model file: ONNX, `.nnet`, PyTorch state dict, safetensors, skops; or a fitted MLPClassifier,
            MLPRegressor or Pipeline of scikit-learn itself.
        dataset: N >= 1 labelled points, or where to read them; of a file, some at a time.
        rule: `argmax`, `sign`, `equal` or `within`.
        tolerance: for `within`, at least 0; text such as 1/3 or 0.1 is read exactly.
        classes: the labels of the outputs, in order, for `argmax`; None: labels are output indices.
        jobs: processes.
        scheduler: the address of a Dask scheduler that gets the work instead.
        paranoid: confirm every float64 product modulo a prime, in integers.
        per_row: a file that gets each row's verdict, a JSON object a line; packed if it ends in `.gz`.
        progress: told how many rows are judged.
        options: how to read the model: `preprocess="x/255"`, `output="logits"`, and the others of
            `memcert.interop.models.ImportOptions`.

    Returns:
        `rows`: `accuracy`, `margins`, `excepted`, `smallest`, `confusion`; `certificate()`; and further
        questions: `regions()`, `boxes(radius)`, `semantics(names)`.

    Raises:
        UsageError: an option does not fit; UnsupportedError: what cannot be exact; ModelError,
        DatasetError: a file is malformed; LimitReached: numbers grow too long.
    """
    from memcert.datasets.arguments import exact_number
    from memcert.questions.model import Rule, verified
    from memcert.questions.readings import read_model
    from memcert.verification.verdicts import Options

    allowed = None if tolerance is None else exact_number(tolerance, "tolerance")
    listing = given.output(per_row, "per_row", model, dataset)
    reading = read_model(model, rule, given.import_options(options))
    return verified(
        reading,
        given.rows(dataset, reading.imported.network.input_size),
        Rule(rule, allowed, classes),
        Options(jobs, scheduler, paranoid),
        per_row=listing,
        progress=progress,
    )


def witness(
    model: Source,
    spec: Source,
    found: Source,
    *,
    repair: bool = False,
    **options: "str | bool",
) -> "JudgedWitness":
    """Judge a verifier's counterexample, exactly: does it satisfy every assertion of the property?

    Args:
        model: a model file.
        spec: the property: VNN-LIB 1.0, or 2.0.
        found: what the verifier wrote: sat and the values.
        repair: where it is none, look for a counterexample near it.
        options: how to read the model, as for `verify`.

    Returns:
        `verdict`: `exact`, `repaired` or `not a counterexample`; `judgement`, with by how much the input
        lies outside the box or the property is not violated; `floats`, of the type that the property
        declares; `repair`, and `write(path)` for what it found.

    Raises:
        UsageError: a file cannot be opened, or an option does not fit; SpecificationError, WitnessError,
        ModelError: a file is malformed, or does not fit the others; NoWitnessError: it holds none;
        UnsupportedError: what cannot be exact; LimitReached, UndecidedError: numbers grow too long.
    """
    from memcert.questions.witnesses import judged_witness

    return judged_witness(
        fspath(model), fspath(spec), fspath(found), given.import_options(options), repair=repair
    )
