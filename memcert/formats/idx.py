"""IDX, the format of MNIST: a magic number, the sizes, then big-endian numbers.

UNTRUSTED. The sizes of the header must be those of the bytes that follow.
"""

from math import prod

from memcert.errors import UsageError
from memcert.formats.arrays import coordinates
from memcert.formats.binary import idx_array
from memcert.formats.files import Options, check_cells
from memcert.formats.label_files import read_labels
from memcert.formats.problems import Findings
from memcert.formats.tables import Reading, whole
from memcert.kernel.verdict import shown


def read(content: bytes, options: Options, findings: Findings) -> Reading:
    """Read images, each flattened row by row; the labels come from `options.labels`.

    Raises:
        DatasetError: damaged, or another number of labels.
        UsageError: no file of labels was named, or it cannot be opened.
        UndecidedError: a limit was reached.
    """
    array = idx_array(content, findings)
    if array.ndim < 2:
        raise findings.error(
            f"expected images, got one dimension of {array.size} numbers: are these the labels?"
        )
    size, dimension = array.shape[0], prod(array.shape[1:])
    if size == 0 or dimension == 0:
        raise findings.error(f"expected rows of data, got shape {shown(array.shape)}")
    check_cells(findings.file, size, dimension)
    if options.labels is None:
        raise UsageError(f"{shown(findings.file)}: an IDX file has no labels; name their file with --labels")
    labels = read_labels(options.labels, size, findings.file)
    return whole(coordinates(array.reshape(size, dimension), findings), labels, None, None, findings)
