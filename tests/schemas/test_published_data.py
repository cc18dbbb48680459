"""certificates/README.md tells the truth: figures, digests, and the five points."""

import re
from pathlib import Path

import pytest

from memcert.datasets.canonical import dataset_digest
from memcert.datasets.reading import read_dataset
from memcert.formats.certificates import encode
from memcert.kernel.check import check
from memcert.kernel.decode import decode
from memcert.kernel.rational import text
from memcert.proofs.prove import prove

ROOT = Path(__file__).parents[2]
README = (ROOT / "certificates" / "README.md").read_text(encoding="utf-8")
PUBLISHED = sorted((ROOT / "certificates").glob("*.json"))


def _rows(name: str) -> list[list[str]]:
    lines = [line for line in README.splitlines() if line.startswith(f"| `{name}` |")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: str(path.name))
def test_the_readme_tells_figures_and_digests(path: Path) -> None:
    certificate = decode(path.read_bytes())
    accepted, proved = check(certificate), prove(certificate)
    (_, counts, sizes, radius, _), (_, data, network) = _rows(path.name)
    claim, samples = certificate.claim, certificate.dataset
    assert counts == f"{samples.size}, {samples.dimension}, {accepted.classes}"
    assert sizes == f"{claim.depth}, {claim.width}, {claim.parameters:,}"
    assert (data, network) == (f"`{accepted.dataset_digest}`", f"`{accepted.network_digest}`")
    assert proved.verdict == "proved"
    assert proved.smallest_radius is not None
    assert not isinstance(proved.smallest_radius, str)
    assert radius == text(proved.smallest_radius)
    # A builder may claim less than what is proved, never more.
    assert claim.box_radius is not None
    assert not isinstance(claim.box_radius, str)
    assert claim.box_radius <= proved.smallest_radius


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: str(path.name))
def test_published_files_are_canonical(path: Path) -> None:
    content = path.read_text(encoding="utf-8")
    assert encode(decode(content.encode())) == content


def test_the_data_files_are_those_of_the_certificates(tmp_path: Path) -> None:
    rows = re.findall(r"```csv\n(.*?)```", README, re.DOTALL)
    (tmp_path / "five.csv").write_text(rows[0], encoding="utf-8")
    files = {"five": tmp_path / "five.csv"}
    files |= {name: ROOT / "tests" / "data" / f"{name}.csv" for name in ("iris", "wine")}
    for name, path in files.items():
        certificate = decode((ROOT / "certificates" / f"{name}.json").read_bytes())
        assert dataset_digest(read_dataset(str(path))) == check(certificate).dataset_digest
