"""The page of a certificate, put together section by section.

UNTRUSTED. A section that has nothing to tell is left out.
"""

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from memcert.kernel.certificate import Model
from memcert.reports.bounds import PROVISO, hypotheses, missing
from memcert.reports.figures.gallery import GALLERY
from memcert.reports.figures.labels import Kinds
from memcert.reports.figures.picture import Cell, Picture
from memcert.reports.findings import Findings
from memcert.reports.html.claims import items, statement
from memcert.reports.html.contracts import contracts
from memcert.reports.html.document import rendered
from memcert.reports.html.exact import number, words
from memcert.reports.html.rows import tables
from memcert.reports.html.samples import samples
from memcert.reports.html.tables import Table, data_table
from memcert.reports.html.verdicts import verdicts
from memcert.reports.summary import groups

MOST_LABELS = 40


def page(found: Findings) -> str:
    """Return the page.

    Cost: that of the figures, some tenths of a second each, and of the ways of the chosen samples.

    Raises:
        ImportError: Jinja is not installed.
        UnsupportedError: matplotlib is not installed.
    """
    context: dict[str, Any] = {
        "found": found,
        "title": _title(found),
        "imported": tuple(_imported(found.certificate.model)),
        "made": _made(found),
        "statement": statement(found.certificate),
        "verdicts": verdicts(found),
        "items": items(found),
        "digests": _digests(found),
        "facts": _facts(found),
        "pictures": _pictures(found),
        "labels": _labels(found.kinds),
        "groups": groups(found.certificate.blocks),
        "contracts": contracts(found),
        "bounds": _bounds(found),
        "rows": tables(found),
        "samples": samples(found),
        "data_table": data_table,
    }
    return rendered("certificate.html", context)


def _pictures(found: Findings) -> dict[str, Picture | None]:
    made = {kind: make(found) for kind, make in GALLERY.items()}
    return {kind: None if isinstance(picture, str) else picture for kind, picture in made.items()}


def _title(found: Findings) -> str:
    data, model = found.certificate.dataset.name or found.name, found.certificate.model
    return data if model is None else f"{model.name} on {data}"


def _imported(model: Model | None) -> Iterator[tuple[str, Markup]]:
    if model is None:
        return
    for file in model.files:
        yield "file", Markup("{}, <code>{}</code>").format(words(file.name), words(file.digest))
    for name, value in model.options.items():
        yield "option", Markup("{}: {}").format(words(name), words("none" if value is None else str(value)))
    yield "lowering", Markup("version {}").format(model.lowering)
    for note in model.notes:
        yield "note", words(note)


def _made(found: Findings) -> Markup:
    made, model = found.certificate.construction, found.certificate.model
    if made is not None:
        return Markup("{}, {}. {}").format(words(made.name), words(made.statement), words(made.source))
    if model is not None:
        return Markup("{}, read as {}").format(words(model.name), words(model.format))
    return Markup("A network made elsewhere")


def _digests(found: Findings) -> tuple[tuple[str, Markup], ...]:
    done = found.checked if found.accepted else found.certificate.digests
    known = {
        "data": getattr(done, "dataset_digest", None) or getattr(done, "dataset", None),
        "network": getattr(done, "network_digest", None) or getattr(done, "network", None),
    }
    return tuple((what, words(digest)) for what, digest in known.items() if digest)


def _facts(found: Findings) -> tuple[tuple[str, Cell | Markup], ...]:
    data, claim = found.certificate.dataset, found.certificate.claim
    separation = claim.separation_squared
    facts: tuple[tuple[str, Cell | Markup], ...] = (
        ("samples N", f"{data.size:,}"),
        ("coordinates d", f"{data.dimension:,}"),
        (
            "labels",
            "values" if not found.kinds.apart and data.classes is None else f"{len(found.kinds.names):,}",
        ),
        ("points", "in the certificate" if data.points is not None else "in a file of their own"),
    )
    if separation is not None:
        facts += (("smallest distance, squared", number(separation)),)
    return (*facts, ("largest norm, squared", number(claim.data_radius_squared)))


def _labels(found: Kinds) -> Table | None:
    if len(found.names) > MOST_LABELS:
        return None
    most = max(found.counts)
    rows = tuple(
        (words(name), Markup("{}{:,}").format(_bar(count, most), count))
        for name, count in zip(found.names, found.counts, strict=True)
    )
    return Table("Samples by label", ("label", "#samples"), rows)


def _bar(count: int, most: int) -> Markup:
    # A length is an attribute of a drawing, since inline styles are forbidden.
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="8" class="f-c7"/></svg>'
    ).format(max(1, count * 100 // most))


def _bounds(found: Findings) -> dict[str, Any] | None:
    if isinstance(found.comparison, str):
        return None
    return {
        "proviso": PROVISO,
        "hypotheses": tuple(hypotheses(found.comparison)),
        "missing": tuple(missing(found.comparison)),
    }
