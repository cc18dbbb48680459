"""Every certificate that was ever published is accepted, for ever, by both engines, and proved."""

import hashlib
from pathlib import Path

import naive_evaluator
import pytest

from memcert.exact.check import fast_check
from memcert.formats.certificates import encode
from memcert.kernel.__main__ import main
from memcert.kernel.check import check
from memcert.kernel.decode import decode
from memcert.kernel.files import read_bytes
from memcert.proofs.prove import prove

FOLDER = Path(__file__).parents[1] / "certificates"
PUBLISHED = sorted([*FOLDER.glob("*.json"), *FOLDER.glob("*.json.gz")])
NAMES = [path.name for path in PUBLISHED]


def test_at_least_three_certificates_are_published() -> None:
    assert len(PUBLISHED) >= 3
    assert {"five.json", "iris.json", "wine.json"} <= set(NAMES)


@pytest.mark.parametrize("path", PUBLISHED, ids=NAMES)
def test_a_published_certificate_is_accepted_by_the_kernel(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(path)]) == 0
    assert capsys.readouterr().out.startswith("accepted: rule ")


@pytest.mark.parametrize("path", PUBLISHED, ids=NAMES)
def test_a_published_certificate_is_accepted_alike_by_the_fast_engine(path: Path) -> None:
    certificate = decode(read_bytes(str(path)))
    accepted, fast = check(certificate), fast_check(certificate)
    assert (fast.dataset_digest, fast.network_digest) == (accepted.dataset_digest, accepted.network_digest)
    assert (fast.samples, fast.excepted, fast.whole) == (accepted.samples, 0, True)


@pytest.mark.parametrize("path", PUBLISHED, ids=NAMES)
def test_a_published_certificate_memorizes_by_the_naive_evaluator_too(path: Path) -> None:
    assert naive_evaluator.memorizes(decode(read_bytes(str(path))))


@pytest.mark.parametrize("path", PUBLISHED, ids=NAMES)
def test_a_published_certificate_is_proved(path: Path) -> None:
    assert prove(decode(read_bytes(str(path)))).verdict == "proved"


@pytest.mark.parametrize("path", PUBLISHED, ids=NAMES)
def test_a_published_certificate_is_canonical_text(path: Path) -> None:
    content = read_bytes(str(path))
    assert encode(decode(content)).encode() == content


DIGESTS = {
    "five.json": "48f50959de96c1d466866ae13d719811b047ff705346ee8e76f1e39216d64457",
    "iris.json": "844fd0959405cd2901002ac16ce1a089212ba288d9770cae21346d2d0786646e",
    "wine.json": "217723e895bc0ec45d161591273bed22739f66250c43fb63e3a417a7d2f271c3",
}
"""SHA-256 of the bytes of each published file: it is never edited again."""


@pytest.mark.parametrize("path", PUBLISHED, ids=NAMES)
def test_a_published_certificate_was_never_edited(path: Path) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() == DIGESTS[path.name]
