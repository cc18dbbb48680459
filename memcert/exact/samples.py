"""Samples as arrays: a certificate's own data as a Dataset, its digest, and columns of listed numbers.

UNTRUSTED; the digest is compared with the kernel's in tests.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.exact.columns import LIMIT, Array, Column, column, dyadic
from memcert.exact.partitions import Partition
from memcert.kernel.certificate import Certificate, Number, Original
from memcert.kernel.data import original
from memcert.kernel.network import common


def own_dataset(certificate: Certificate) -> Dataset | None:
    """Return the certificate's own samples, labels as the file had them; None: they are detached.

    Raises:
        IndexError: a label of no class; the decoder lets none pass.
        LimitReached: as `numerators_of`.
    """
    data = certificate.dataset
    if data.points is None or data.labels is None:
        return None
    numerators, denominator = numerators_of(data.points, data.dimension)
    originals = {label: original(certificate, label) for label in set(data.labels)}
    labels = tuple([originals[label] for label in data.labels])
    return Dataset(data.name, data.columns, numerators, denominator, labels)


def numerators_of(points: Sequence[Sequence[Number]], dimension: int) -> tuple[Array, int]:
    """Return the (N, d) integers of points over one denominator, int64 if below 2**62.

    Raises:
        LimitReached: the denominator grows beyond MAX_VALUE_BITS.
    """
    numbers: Iterable[Number] = list(chain.from_iterable(points))
    denominator = 1
    if set(map(type, numbers)) != {int}:
        denominator = common(numbers)
        numbers = [x.numerator * (denominator // x.denominator) for x in numbers]
    low, high = min(numbers), max(numbers)
    kind = np.int64 if low > -LIMIT and high < LIMIT else object
    return np.array(numbers, dtype=kind).reshape(len(points), dimension), denominator


def listed(numbers: Sequence[Number], partition: Partition) -> Column:
    """Return the column whose value on class c is numbers[c]. Raises: LimitReached, as `numerators_of`."""
    denominator = common(numbers)
    values = [x.numerator * (denominator // x.denominator) for x in numbers]
    scale = dyadic(denominator)
    return column(partition, values, scale.power, scale.odd, min(values), max(values))


def grouped(items: Sequence[Original]) -> tuple[list[Original], Partition]:
    """Return the distinct items in order of first use, and the partition of their places. Raises: never."""
    places = {item: place for place, item in enumerate(dict.fromkeys(items))}
    index = np.fromiter(map(places.__getitem__, items), dtype=np.int32, count=len(items))
    return list(places), Partition(len(places), index)
