"""`memcert report`: one HTML file on a certificate or a proof's result, for people.

UNTRUSTED. What is decided is decided by engine and solver; the page repeats it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memcert.cli.box_files import BoxFilePath
from memcert.cli.examined import Wanted, examined, status_of
from memcert.cli.outcomes import HOLDS, Outcome, note, run
from memcert.cli.outputs import writable
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Delimiter, Jobs, Json, LabelColumn, LabelsFile, NoHeader, Quiet, UserData
from memcert.cli.user_data import user_data
from memcert.endings import of_file
from memcert.errors import UsageError
from memcert.kernel.decode import decode
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.datasets.dataset import Dataset

EXAMPLE = "Example: memcert report certificates/iris.json --prove -o iris.html"


@limited
def report(
    cert: Annotated[
        str,
        typer.Argument(
            metavar="CERT|RESULT", help="A certificate, .json or .json.gz, or what `prove -o` wrote."
        ),
    ],
    *,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="The page: one HTML file.")],
    prove: Annotated[bool, typer.Option("--prove", help="Prove it as well, now.")] = False,
    result: Annotated[
        str | None,
        typer.Option("--result", metavar="RESULT", help="Take a proof's end from what `prove -o` wrote."),
    ] = None,
    boxes: BoxFilePath = None,
    samples: Annotated[
        str | None, typer.Option(metavar="ROWS", help="Tell the way of these rows too, such as 0,5,10-12.")
    ] = None,
    allow_except: Annotated[
        bool, typer.Option("--allow-except", help="Rows that the certificate admits to miss are no failure.")
    ] = False,
    jobs: Jobs = 1,
    dataset: UserData = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Check a certificate and write one self-contained page about it: no network, no other file.

    The page is written whatever the verdict; the exit status is the verdict's. Of a RESULT alone the
    page repeats what it says, and nothing is examined.
    """

    def body() -> Outcome:
        from memcert.reports.html.document import require

        require()
        target = writable(output, kept=(cert, result, boxes, dataset, labels))
        limits.files(cert, result, boxes, dataset, labels)
        own = user_data(dataset, label=label, labels=labels, no_header=no_header, delimiter=delimiter)
        wanted = Wanted(prove, jobs, result, compare=True, samples=samples, quiet=quiet, boxes=boxes)
        content, made = written(cert, own, wanted, limits)
        if made.status != HOLDS and made.verdict == "accepted" and allow_except:
            made = Outcome(HOLDS, made.verdict, made.report, made.data)
        from memcert.formats.atomic import atomic_write

        with atomic_write(target) as file:
            file.write(content)
        note(f"wrote {shown(output)}", quiet=quiet)
        return Outcome(made.status, made.verdict, made.report, {**made.data, "page": output})

    return run("report", body, as_json=as_json, quiet=quiet, limits=limits)


def written(path: str, own: "Dataset | None", wanted: Wanted, limits: Asked) -> tuple[str, Outcome]:
    """Return the page of a file, and how the command ends.

    Raises:
        Failure: the file is neither certificate nor result, or what it needs is none.
        UsageError: an option does not go with the file.
    """
    from memcert.proofs.stored import decode_result, is_result

    with of_file(path):
        content = limits.content(path)
        told = decode_result(content) if is_result(content) else None
    if told is not None:
        asked = (own, wanted.result, wanted.samples, wanted.boxes)
        if wanted.prove or any(option is not None for option in asked):
            raise UsageError("of a result alone nothing can be examined: give its certificate, with --result")
        from memcert.reports.html.result_page import result_page

        line = f"{told.verdict}, as {shown(path)} says; nothing was examined"
        data = {"verdict_of": "file", "engine": None, "proof": told.verdict}
        return result_page(told, Path(path).name), Outcome(told.status, told.verdict, (line,), data)
    from memcert.reports.html.page import page

    with of_file(path):
        certificate = limits.within_bits(decode(content))
    found = examined(path, certificate, own, wanted)
    status, word = status_of(found.checked, found.proof, found.boxes)
    proof = None if found.proof is None else getattr(found.proof, "verdict", None) or "not begun"
    line = f"{word}: {shown(path)}"
    return page(found), Outcome(
        status, word, (line,), {"verdict_of": "check", "engine": found.engine, "proof": proof}
    )
