"""IDX, the format of MNIST: a magic number, the sizes, then big-endian numbers.

UNTRUSTED. The sizes of the header must be those of the bytes that follow.
"""

from memcert.datasets.binary import idx_array
from memcert.datasets.label_files import beside
from memcert.datasets.problems import Findings
from memcert.datasets.stored_points import points_of
from memcert.datasets.stream import Stream
from memcert.errors import UsageError
from memcert.formats.files import DataFile, Options, check_cells
from memcert.kernel.verdict import shown


def read(data: DataFile, options: Options, findings: Findings) -> Stream:
    """Read images, each flattened row by row; the labels come from `options.labels`.

    Raises:
        DatasetError: now or while reading, damaged, or another number of labels.
        UsageError: no file of labels was named, or it cannot be opened.
        UndecidedError: a limit was reached.
    """
    array = idx_array(data.bytes(), findings)
    array.confirm(data.following())
    if len(array.shape) < 2:
        raise findings.error(
            f"expected images, got one dimension of {array.size} numbers: are these the labels?"
        )
    if array.size == 0 or array.dimension == 0:
        raise findings.error(f"expected rows of data, got shape {shown(array.shape)}")
    check_cells(findings.file, array.size, array.dimension, whole=options.whole)
    if options.labels is None:
        raise UsageError(f"{shown(findings.file)}: an IDX file has no labels; name their file with --labels")
    return beside(points_of(array, None, findings), options, findings)
