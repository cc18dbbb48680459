"""A property file of VNN-LIB, of whichever version it says it is.

UNTRUSTED.
"""

import re
from itertools import islice

from memcert.errors import UnsupportedError
from memcert.kernel.verdict import shown
from memcert.witnesses import vnnlib1, vnnlib2
from memcert.witnesses.refusals import SpecificationError
from memcert.witnesses.specification import Specification
from memcert.witnesses.tokens import read_source, tokens

_VERSION = re.compile(r"<([0-9]+)\.[0-9]+>", re.ASCII)


def read_property(path: str) -> Specification:
    """Read a property, gzipped or not; without `vnnlib-version` it is of version 1.0.

    Raises:
        UsageError: it cannot be opened.
        SpecificationError: malformed; the message names file, line and column.
        DatasetError: damaged gzip.
        UnsupportedError: what is not judged exactly, another version, or a missing extra.
        UndecidedError: it is too large.
    """
    source = read_source(path, SpecificationError)
    words = [token.text for token in islice(tokens(source), 3)]
    if words[:2] != ["(", "vnnlib-version"]:
        return vnnlib1.read(source)
    version = _VERSION.fullmatch(words[2]) if len(words) == 3 else None
    if version is None:
        raise SpecificationError(f"{shown(path)}: vnnlib-version: expected such as <2.0>")
    if version[1] not in {"1", "2"}:
        raise UnsupportedError(f"{shown(path)}: version {words[2]} of VNN-LIB: expected 1 or 2")
    return vnnlib1.read(source) if version[1] == "1" else vnnlib2.read(source)
