"""The figures that there are, by kind, each made of what is known of a certificate.

UNTRUSTED.
"""

from collections.abc import Callable, Mapping

from memcert.reports.digits import digit_outputs, singled_out, streams
from memcert.reports.figures.bits import bits
from memcert.reports.figures.chain import chain
from memcert.reports.figures.heat import heat
from memcert.reports.figures.picture import Picture
from memcert.reports.figures.projection import projection
from memcert.reports.figures.scatter import scatter
from memcert.reports.figures.sizes import sizes
from memcert.reports.findings import Findings
from memcert.reports.way import Way


def samples_picture(found: Findings) -> Picture | str:
    """Return the points. Raises: never."""
    return scatter(found.data, found.kinds)


def projection_picture(found: Findings) -> Picture | str:
    """Return the projection, or why there is none. Raises: never."""
    if not found.accepted:
        return "what the witness says was not found to be true"
    picture = projection(found.certificate, found.kinds, found.windows)
    return picture or "no probe of the witness tells the samples apart one by one"


def radii_picture(found: Findings) -> Picture | str:
    """Return the heat map of proved radii, or why there is none. Raises: never."""
    fails = [radius is None for radius in found.radii]
    picture = heat("radii", "proved radius", found.radii, fails, found.kinds)
    return picture or "radii are what a proof finds, and none succeeded here"


def margins_picture(found: Findings) -> Picture | str:
    """Return the heat map of margins, or why there is none. Raises: never."""
    if found.certificate.claim.rule == "equal":
        return "the rule equal has no margin: it holds or it does not"
    told = found.rows
    picture = heat("margins", "margin", [t.margin for t in told], [not t.holds for t in told], found.kinds)
    return picture or "the network could not be run on these samples"


def sizes_picture(found: Findings) -> Picture | str:
    """Return sizes beside bounds, or why there are none. Raises: never."""
    if isinstance(found.comparison, str):
        return found.comparison
    return sizes(found.comparison) or "the hypotheses of no bound hold"


def network_picture(found: Findings) -> Picture | str:
    """Return the layers. Raises: never."""
    return chain(found.certificate)


def bits_picture(found: Findings, way: Way) -> Picture | str:
    """Return the digits of a sample, or why there are none. Raises: never."""
    outputs = digit_outputs(found.certificate.contracts)
    focus = max((p.first_layer for p in singled_out(way, outputs)), default=None)
    picture = bits(way.sample, streams(way, outputs), focus)
    return picture or "no contract of this certificate reads digits from numbers between 0 and 1"


GALLERY: Mapping[str, Callable[[Findings], Picture | str]] = {
    "samples": samples_picture,
    "network": network_picture,
    "sizes": sizes_picture,
    "projection": projection_picture,
    "radii": radii_picture,
    "margins": margins_picture,
}
"""Figures of the whole certificate; `bits` is of one sample."""
KINDS = (*GALLERY, "bits")
