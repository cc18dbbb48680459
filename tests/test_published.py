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
    "iris-mlp.json": "0bd46349e204dcb32d99afa1c367bd13bbc9f83935e098753c3d10bdbbf770ca",
    "wine-mlp.json": "289ccfc39cb3feab0599cc3dca6835169eb82ac588c26d299d86d515d0a1a1e1",
    "wine-residual.json": "0e4ca7a75f2ac4eb6882d684690285d9b22c74dea98ca2e98b937960e91c35c0",
    "interval.json": "94e1a7abfda11e36c8a7ccf5bc317510ecce36bb84f3f2623de5d79a8246f4fa",
    "nae-sat.json": "0cecd2a01a777ecd0d5824912452b6163addd986ad959bce9434755f7ab6ddec",
    "nagler-langer.json": "2cc288050220cafceffcef6cce9bc571f54491e0ca985f333bd9894e26bd4dd0",
    "park-lee-yun-shin.json": "5ae36b33195c3296e24f2a02f22fc9082a41581b16a2f443dd454b3a8f1095ca",
    "robust-boxes.json": "b7b543c32dff4d7753cbfc5cca79fe635dfd4d9ad8470db93dbfe75e4a8d0b73",
    "separable.json": "f8c0d5d90a02e90d84495e0a9a7244f9fbaa16905ac49bf861819562a531c188",
    "tent-keys.json": "d88f210def831709e8e9c5b270512ca3453e4b0507832b018d797bc2fa933b28",
    "two-layer.json": "1fb2e0b65f94b2c4457013dc1b942493d67e55879b15b54e70f5372c5ce9d2a2",
    "vardi-yehudai-shamir-bits.json": "85124ceb30103c9112de1b9db9108d585a220a9867df7516eef836d9d5bcdd5b",
    "vardi-yehudai-shamir-depth.json": "9d5407756623ab60aa6d4d70f98577ffcb9f36e80c3e09d5cd7251a6a0007786",
    "yu-gao-zhang-miao-cells.json": "2dfc8d0fc630250de9b21a1f5ca2fcae679f8eb93c347ee5008f83829d67e83f",
    "yu-gao-zhang-miao-cover.json": "27256392b225fdaec0994d3edae5c891da55a0353203a2f79cfb3ae1b30ff677",
    "yu-gao-zhang-miao-misleading.json": "37bd1304118c0204294ca818011d1132b224671f802620a3e7592193ade2128c",
    "yu-gao-zhang-miao-width6.json": "224d7dbf23d4b5aa0160e696b5c40748148739a98b2951057b40d1476da6a149",
    "yun-sra-jadbabaie.json": "d48b1682e1aa74bfa035f181b361f4b6397c1815bf29e27c5091be2b7cb084ab",
}
"""SHA-256 of the bytes of each published file: it is never edited again."""


@pytest.mark.parametrize("path", PUBLISHED, ids=NAMES)
def test_a_published_certificate_was_never_edited(path: Path) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() == DIGESTS[path.name]


def test_every_construction_has_a_published_certificate() -> None:
    from memcert.constructions.registry import constructions

    made = [decode(read_bytes(str(path))).construction for path in PUBLISHED]
    names = {found.name for found in made if found is not None}
    choosers = {"smallest"}  # it builds one of the others, whose name the certificate has
    assert set(constructions()) - choosers <= names


MODELS = {"iris-mlp": ".onnx", "wine-mlp": ".nnet", "wine-residual": ".onnx"}


@pytest.mark.parametrize("name", MODELS)
def test_a_published_certificate_of_a_model_is_bound_to_it_for_ever(name: str) -> None:
    from memcert.interop.reimport import confirm_model

    if MODELS[name] == ".onnx":
        pytest.importorskip("onnx", reason="onnx is not installed")
    certificate = decode(read_bytes(str(FOLDER / f"{name}.json")))
    bound = confirm_model(certificate, str(FOLDER / "models" / (name + MODELS[name])))
    assert certificate.model is not None
    assert [digest for _, digest in bound.files] == [file.digest for file in certificate.model.files]
