"""Labels in a file of their own: IDX, NPY, or text with one label a line.

UNTRUSTED.
"""

from memcert.errors import DatasetError
from memcert.formats.arrays import labels_of
from memcert.formats.binary import NPY_MAGIC, idx_array, looks_like_idx, npy_array
from memcert.formats.files import read_bounded
from memcert.formats.problems import Findings
from memcert.formats.tables import missing_label, typed_labels
from memcert.kernel.certificate import Original
from memcert.kernel.verdict import shown


def read_labels(path: str, size: int, data: str) -> tuple[Original, ...]:
    """Return as many labels as there are points.

    Args:
        path: the file. Text has one label a line and no header; it is integers iff every line
            is one, else strings.
        size: the number of points.
        data: the name of the file of the points, for messages.

    Raises:
        UsageError: the file cannot be opened.
        DatasetError: it is malformed, or holds another number of labels.
        UndecidedError: a limit was reached.
    """
    findings = Findings(path)
    labels = _labels(read_bounded(path), findings)
    findings.settle()
    if len(labels) != size:
        raise DatasetError(
            f"{shown(path)}: expected {size} labels, one for each row of {shown(data)}, got {len(labels)}"
        )
    return labels


def _labels(content: bytes, findings: Findings) -> tuple[Original, ...]:
    if looks_like_idx(content):
        return labels_of(idx_array(content, findings), findings, None)
    if content.startswith(NPY_MAGIC):
        return labels_of(npy_array(content, findings), findings, None)
    return _text(content, findings)


def _text(content: bytes, findings: Findings) -> tuple[Original, ...]:
    try:
        lines = content.decode("utf-8-sig").replace("\r\n", "\n").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise findings.error(
            f"line {line}: expected labels as IDX, NPY or text in UTF-8, got byte {content[error.start]:#04x}"
        ) from None
    labels = [line.strip(" \t") for line in lines]
    for row, label in enumerate(labels):
        if not label:
            findings.add(missing_label(row, row + 1, None))
        elif "\0" in label:
            raise findings.error(f"line {row + 1}: expected labels as IDX, NPY or text, got a NUL byte")
    return typed_labels(labels)
