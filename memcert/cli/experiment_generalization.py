"""`memcert experiment generalization`: Tables 1, 2 and 4 of Yu, Gao, Zhang, Miao, exactly.

UNTRUSTED.
"""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memcert.cli.outcomes import HOLDS, Outcome, Progress, run
from memcert.cli.parameters import Json, Quiet
from memcert.errors import UsageError

if TYPE_CHECKING:
    from memcert.experiments.images import Images

EXAMPLE = "Example: memcert experiment generalization --mnist mnist/ -o generalization.json"


def experiment_generalization(
    *,
    mnist: Annotated[
        str | None, typer.Option(metavar="DIR", help="The four IDX files of MNIST: Tables 1 and 4.")
    ] = None,
    cifar: Annotated[
        str | None, typer.Option(metavar="DIR", help="The six .bin files of CIFAR-10: Table 2.")
    ] = None,
    digit_images: Annotated[
        int, typer.Option("--digit-images", min=1, help="Training images a digit.")
    ] = 500,
    class_images: Annotated[
        int, typer.Option("--class-images", min=1, help="Training images a class of CIFAR-10.")
    ] = 3000,
    draws: Annotated[
        int, typer.Option(min=0, max=100, help="Table 1 again on so many random draws of the images.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of the first draw; then one more each.")] = 0,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="All figures, as JSON.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Evaluate memorizers on test images that they have not seen, exactly.

    Theorem 7.3 on all 45 pairs of labels, and beside it two memorizers with few parameters on the five
    pairs of Table 4. The smaller label is -1; the sign decides; F = 0 counts as wrong.
    """

    def body() -> Outcome:
        from memcert.cli.outputs import maybe_writable
        from memcert.experiments import images
        from memcert.reports.generalization import report

        if mnist is None and cifar is None:
            raise UsageError("--mnist, --cifar: expected the folder of one of them")
        path = maybe_writable(output)
        progress = Progress(quiet=quiet)
        data: dict[str, Any] = {}
        if mnist is not None:
            data |= _digits(*images.mnist(mnist), digit_images, range(seed, seed + draws), progress)
        if cifar is not None:
            data["table_2"] = _pairs(*images.cifar(cifar), class_images, progress)
        if path is not None:
            from memcert.formats.atomic import atomic_write

            with atomic_write(path) as file:
                file.write(json.dumps(data, indent=1) + "\n")
        return Outcome(HOLDS, "evaluated", tuple(report(data)), data)

    return run("experiment generalization", body, as_json=as_json, quiet=quiet)


def _digits(train: "Images", test: "Images", count: int, seeds: range, progress: Progress) -> dict[str, Any]:
    from memcert.experiments.generalization import CHOSEN, memorizers_table, pairs_table
    from memcert.experiments.records import chosen, record, table

    first = tuple(pairs_table(train, test, count, progress))
    drawn = {
        str(seed): [record(found.result) for found in pairs_table(train, test, count, progress, seed)]
        for seed in seeds
    }
    rows = list(memorizers_table(train, test, count, progress))
    return {
        "table_1": table(train, count, first) | {"draws": drawn},
        "table_4": chosen(tuple(found for found in first if found.result.pair in CHOSEN), rows),
    }


def _pairs(train: "Images", test: "Images", count: int, progress: Progress) -> dict[str, Any]:
    from memcert.experiments.generalization import pairs_table
    from memcert.experiments.records import table

    return table(train, count, tuple(pairs_table(train, test, count, progress)))
