"""`memcert bounds`: a network's sizes beside lower bounds, and beside what its theorem promises.

UNTRUSTED. The certificate is checked first; every number is rounded to the side on which it is true.
"""

from memcert.cli.outcomes import HOLDS, Outcome, run
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Cert, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet, UserData
from memcert.cli.user_data import user_data

EXAMPLE = "Example: memcert bounds certificates/iris.json"


@limited
def bounds(
    cert: Cert,
    *,
    dataset: UserData = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Compare a certificate's sizes with what every network needs, and with what its theorem promises.

    A bound is printed where its hypotheses were examined and hold; where one does not, that is said instead.
    """

    def body() -> Outcome:
        from memcert.bounds.comparison import compare
        from memcert.kernel.verdict import shown
        from memcert.reports.bounds import COLUMNS, PROVISO, as_data, hypotheses, lines, missing
        from memcert.reports.text import listing, table

        limits.files(cert, dataset, labels)
        certificate = limits.certificate(cert)
        own = user_data(dataset, label=label, labels=labels, no_header=no_header, delimiter=delimiter)
        found = compare(certificate, own)
        report = (
            f"{shown(cert)}: accepted (fast engine); data {found.accepted.dataset_digest}",
            table("Bounds", COLUMNS, lines(found)),
            PROVISO,
            "Hypotheses, each examined:",
            listing(hypotheses(found)),
            *missing(found),
        )
        return Outcome(HOLDS, "compared", report, as_data(found))

    return run("bounds", body, as_json=as_json, quiet=quiet, limits=limits)
