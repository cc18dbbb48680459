"""Products of slices and digits on float64 BLAS, added up place by place.

UNTRUSTED. Every sum is an integer that the plan's bounds keep within 2**53.
"""

from collections.abc import Callable

import numpy as np

from memcert.exact.slices.digits import Array
from memcert.exact.slices.places import ALL, NONE, Places, Sums
from memcert.exact.slices.stage import Stage


def multiply(stage: Stage, dense: Array, values: Places, sums: Sums) -> None:
    """Add the main slices times all digits, where the slices lie side by side.

    All pairs of one place are one product: digits ascend where slices descend. Digits in few rows are
    multiplied for these alone. Raises: never.
    """
    width, rows = values.full.shape[1:]
    first, last = stage.main[0], stage.main[-1]
    offset = len(stage.after.thin) + stage.shift - len(values.thin)
    start, stop = values.many()
    for digit in range(start, stop + 1):
        if values.live[digit] is NONE:
            values.full[digit].fill(0)  # between places that count
    stacked = values.full.reshape(-1, rows)
    for place in range(len(sums.full)):
        total = place + offset
        low, high = max(total - last, start), min(total - first, stop)
        if low <= high:
            # Digit i meets slice total - i, which stands at column block last - (total - i).
            block = low + last - total
            slices = dense[:, block * width : (block + high - low + 1) * width]
            np.matmul(slices, stacked[low * width : (high + 1) * width], out=sums.written(place))
    for digit, live in enumerate(values.live):
        if start <= digit <= stop or live is NONE:
            continue
        own = values.full[digit][:, live]
        for slice_ in stage.main:
            place = digit + slice_ - offset
            if 0 <= place < len(sums.full):
                block = last - slice_
                product = dense[:, block * width : (block + 1) * width] @ own
                sums.opened(place + len(sums.thin))[:, live] += product


def add_blocks(stage: Stage, values: Places, sums: Sums) -> None:
    """Add the main slices times all digits, where the slices are blocks. Raises: never."""
    offset = len(stage.after.thin) + stage.shift - len(values.thin)
    for digit, (digits, live) in enumerate(zip(values.full, values.live, strict=True)):
        if live is NONE:
            continue
        own = digits if live is ALL else digits[:, live]
        for part in stage.parts:
            for rows, products in part.products(own):
                each = products.reshape(len(rows), len(stage.main), rows.shape[1], -1)
                for number, slice_ in enumerate(stage.main):
                    place = digit + slice_ - offset
                    if 0 <= place < len(sums.full):
                        total = sums.opened(place + len(sums.thin))
                        found = each[:, number].reshape(-1, each.shape[3])
                        if live is ALL:
                            total[rows.ravel()] += found
                        else:
                            total[rows.reshape(-1, 1), live] += found


def add_at(add_to: Callable[[Array, Array], None], total: Array, digits: Array, live: Array) -> None:
    """Add a product of digits, of the rows that have any. Raises: never."""
    if live is ALL:
        add_to(total, digits)
        return
    part = np.zeros((len(total), len(live)))
    add_to(part, digits[:, live])
    total[:, live] += part
