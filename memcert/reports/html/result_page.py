"""The page of a proof's result alone: what its file says, which nobody examined.

UNTRUSTED.
"""

from typing import Any

from memcert.proofs.result import ProofResult
from memcert.reports.figures.heat import heat
from memcert.reports.figures.labels import Kinds
from memcert.reports.html.document import rendered
from memcert.reports.html.exact import number
from memcert.reports.html.tables import data_table
from memcert.reports.html.verdicts import proof_verdict

COUNTED = "On an excepted row the rule fails, as the certificate says; nothing is claimed around it."


def result_page(result: ProofResult, name: str) -> str:
    """Return the page.

    Raises:
        ImportError: Jinja is not installed.
        UnsupportedError: matplotlib is not installed.
    """
    one = Kinds(("samples",), (result.samples,), (0,) * len(result.radii), apart=False)
    fails = [radius is None for radius in result.radii]
    context: dict[str, Any] = {
        "title": name,
        "verdict": proof_verdict(result, name),
        "claim": (
            ("rule", result.rule),
            ("tolerance", number(result.tolerance)),
            ("samples", f"{result.samples:,}"),
            ("excepted", f"{result.excepted:,}"),
            ("box radius", number(result.box_radius)),
            ("smallest proved radius", number(result.smallest_radius)),
            ("blocks", f"{result.blocks:,}"),
            ("contracts", f"{result.contracts:,}"),
            ("obligations", f"{result.obligations:,}"),
        ),
        "digests": (("data", result.dataset_digest), ("network", result.network_digest)),
        "radii": heat("radii", "proved radius", result.radii, fails, one) if result.radii else None,
        "note": COUNTED if result.excepted else "",
        "data_table": data_table,
    }
    return rendered("result.html", context)
