"""Data sets that scikit-learn carries along: `sklearn:NAME`. Needs the extra `sklearn`.

UNTRUSTED. Nothing is ever downloaded. The values are the doubles that scikit-learn gives out, exactly.
"""

import importlib
from typing import Any

import numpy as np

from memcert.datasets.arrays import coordinates, labels_of
from memcert.datasets.problems import Findings
from memcert.datasets.tables import Reading, whole
from memcert.errors import UnsupportedError, UsageError
from memcert.formats.files import Options
from memcert.kernel.verdict import shown

NAMES = ("breast_cancer", "diabetes", "digits", "iris", "wine")
"""The labels of `diabetes` are values, for the rule `within`."""


def read(name: bytes, options: Options, findings: Findings) -> Reading:
    """Read the data set of that name.

    Raises:
        UsageError: no such data set, or an option that is for files.
        UnsupportedError: scikit-learn is not installed.
    """
    wanted = name.decode("utf-8", errors="backslashreplace")
    if wanted not in NAMES:
        raise UsageError(f"sklearn: expected one of {', '.join(NAMES)}, got {shown(wanted)}")
    if options != Options():
        raise UsageError("sklearn: the labels are fixed; label, labels, header and delimiter are for files")
    try:
        datasets: Any = importlib.import_module("sklearn.datasets")
    except ImportError:
        raise UnsupportedError(
            f"{shown(findings.file)} needs scikit-learn: pip install 'memcert[sklearn]'"
        ) from None
    bunch = getattr(datasets, f"load_{wanted}")()
    columns = tuple(str(column) for column in bunch.feature_names)
    points = np.ascontiguousarray(bunch.data)
    labels = labels_of(np.asarray(bunch.target), findings, "target")
    return whole(coordinates(points, findings, columns), labels, columns, "target", findings)
