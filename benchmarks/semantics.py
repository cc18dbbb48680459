"""What floats make of networks made elsewhere: rows that may differ, before and after both stages; times.

Run: python benchmarks/semantics.py [--mnist DIR] [--only NAME] [--rounds 3]; needs the extras onnx and
sklearn. DIR, or the environment variable MEMCERT_MNIST, holds MNIST's four files in IDX format, gzipped;
without it those figures are left out. The other networks and data are made here, from seeds. Times are
processor seconds, and ratios to a float64 forward pass of the same rows in the same process, the two
taking turns.
"""

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from foreign import Work, deep, dense_model, forward, images, labelled, least, normal, random_mlp, timed
from measuring import save
from tables import between, table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from memcert.api import read_dataset
from memcert.datasets.dataset import Dataset
from memcert.exact.outputs import Evaluator
from memcert.interop.models import ImportOptions, read_model
from memcert.kernel.network import Network
from memcert.semantics.judge import Judge
from memcert.semantics.models import read_program
from memcert.semantics.program import Program
from memcert.semantics.rules import Rule
from memcert.semantics.told import Told, taken
from memcert.verification.verdicts import Verified, verify

Array = np.ndarray[Any, Any]
DOCUMENT = Path(__file__).parents[1] / "docs" / "semantics.md"
TRAINED = 20_000
"""Images of MNIST that are learned; all 10,000 test images are judged."""
SEMANTICS = ("float32", "float64", "any-order", "any-order-float64")


def trained(folder: Path, name: str, pixels: Array, labels: Array, tested: tuple[Array, Array]) -> Work:
    """Train 784-256-256-10 in float32 on some images, to be judged on others."""
    from sklearn.neural_network import MLPClassifier

    learner = MLPClassifier((256, 256), alpha=1e-4, max_iter=12, random_state=0, batch_size=256)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        learner.fit((pixels / 255).astype(np.float32), labels)
    parts = [
        (np.asarray(w, dtype=np.float32), np.asarray(b, dtype=np.float32))
        for w, b in zip(learner.coefs_, learner.intercepts_, strict=True)
    ]
    data = Dataset(name, None, tested[0], 1, tuple(tested[1].tolist()))
    what = (
        f"784-256-256-10, trained by scikit-learn on {len(labels):,} images, judged on {data.size:,} others"
    )
    return Work(name, what, dense_model(parts, folder, name), "x/255", data, forward(parts))


def of_digits(folder: Path, _: Path | None) -> Work:
    """scikit-learn's digits, enlarged, shifted and noisy."""
    generator = np.random.default_rng(5)
    train, test = images(generator, 10_000), images(generator, 10_000)
    return trained(folder, "digits", *train, test)


def of_mnist(folder: Path, mnist: Path | None) -> Work | None:
    """MNIST's own training and test images."""
    if mnist is None:
        return None
    train, test = (idx(mnist, part) for part in ("train", "t10k"))
    return trained(folder, "mnist", train[0][:TRAINED], train[1][:TRAINED], test)


def idx(folder: Path, part: str) -> tuple[Array, Array]:
    """Return images, rows of bytes, and their digits."""
    names = (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte")
    paths = [str(min(folder.glob(f"{name}*"))) for name in names]
    data = read_dataset(paths[0], labels=paths[1], consistent=False)
    return data.numerators, np.array([int(label) for label in data.labels])


def of_random(folder: Path, _: Path | None) -> Work:
    """784-256-256-10 with random normal weights on random bytes."""
    return random_mlp(folder)


def of_deep(folder: Path, _: Path | None) -> Work:
    """5-50x6-5 with random normal weights on 2,000 rows."""
    made = deep(folder)
    data = made.data
    few = Dataset(data.name, None, data.numerators[:2000], data.denominator, data.labels[:2000])
    return Work(
        "deep", "5-50x6-5, random normal weights, 2,000 rows of 24 bits", made.path, None, few, made.forward
    )


def of_uniform(folder: Path, _: Path | None) -> Work:
    """5-50x6-5 again, the inputs uniform decimals of three places."""
    generator = np.random.default_rng(6)
    parts = normal(generator, (5, *[50] * 6, 5))
    run = forward(parts)
    points = generator.integers(-500, 501, (2000, 5))
    data = labelled("decimals", points, 1000, run)
    what = "5-50x6-5, random normal weights, 2,000 rows of three decimals"
    return Work("decimals", what, dense_model(parts, folder, "decimals"), None, data, run)


WORKS: dict[str, Callable[[Path, Path | None], Work | None]] = {
    "mnist": of_mnist,
    "digits": of_digits,
    "random": of_random,
    "deep": of_deep,
    "decimals": of_uniform,
}


def judged(program: Program, network: Network, exact: Verified, name: str) -> Told:
    """Judge all rows in one semantics, batch by batch."""
    judge, told = Judge(program, Evaluator(network, exact.dataset), Rule("argmax"), [name]), Told(name)
    for rows, labels, start in exact.parts(judge.batch):
        failing = [row for row in exact.excepted if start <= row < start + judge.batch]
        taken([told], judge(rows, labels, start), failing)
    return told


def measured(work: Work, rounds: int) -> dict[str, object]:
    """Judge the rows in each semantics and measure it."""
    options = ImportOptions(preprocess=work.preprocess)
    reading, imported = timed(lambda: read_model(work.path, "argmax", options))
    program_time, program = timed(lambda: read_program(work.path, imported.model, options))
    exact = verify(imported.network, work.data, "argmax")
    inputs = work.data.numerators / (255 if work.preprocess else work.data.denominator)
    floats, figures = [], dict[str, object]()
    for name in SEMANTICS:
        spent = []
        for _ in range(rounds):
            seconds, found = timed(lambda: judged(program, imported.network, exact, name))  # noqa: B023 - called here
            spent.append(seconds)
            floats.append(timed(lambda: work.forward(inputs))[0])  # type: ignore[misc]  # each has one
        figures[name] = {
            "holds": found.holds,
            "fails": found.fails,
            "may_differ": found.unsure,
            "before_second_stage": found.first_stage,
            "processor_seconds": round(least(spent).processor, 3),
        }
    yardstick = least(floats).processor
    for name in SEMANTICS:
        one: Any = figures[name]
        one["ratio"] = round(one["processor_seconds"] / yardstick, 1)
    return {
        "what": work.what,
        "rows": work.data.size,
        "import_seconds": round(reading.processor, 2),
        "program_seconds": round(program_time.processor, 2),
        "float64_seconds": round(yardstick, 4),
        **figures,
    }


def rows_of_table(figures: dict[str, dict[str, Any]]) -> str:
    """Return the figures as a table for the document."""
    head = (
        *("network and rows", "float32 holds", "any-order: may differ", "after the second stage"),
        *("any-order-float64: may differ", "float32, ratio", "any-order, ratio", "program"),
    )
    rows = []
    for name, found in figures.items():
        any32, any64 = found["any-order"], found["any-order-float64"]
        rows.append(
            (
                f"{name}: {found['what']}",
                f"{found['float32']['holds']:,}",
                f"{any32['before_second_stage']:,}",
                f"{any32['may_differ']:,}",
                f"{any64['may_differ']:,}",
                f"{found['float32']['ratio']}",
                f"{any32['ratio']}",
                f"{found['program_seconds']} s",
            )
        )
    return table(head, rows)


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print, save, and write the table of the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mnist", default=os.environ.get("MEMCERT_MNIST"))
    parser.add_argument("--rounds", type=int, default=3, help="of each; the fastest counts")
    parser.add_argument("--only", choices=WORKS, help="one work, printed and not saved")
    given = parser.parse_args(words)
    figures: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, make in WORKS.items():
            if given.only not in (None, name):
                continue
            work = make(Path(folder), None if given.mnist is None else Path(given.mnist))
            if work is None:
                print(f"{name}: left out; give its folder with --mnist, or set MEMCERT_MNIST")
                continue
            figures[name] = measured(work, given.rounds)
            print(name, figures[name], flush=True)
    if given.only is None:
        save("semantics", {"load": round(os.getloadavg()[0], 1), "works": figures})
        between(DOCUMENT, "semantics", rows_of_table(figures))


if __name__ == "__main__":
    main()
