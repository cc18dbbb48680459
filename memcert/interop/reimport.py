"""Whether a model file is the one that a certificate speaks of: read again as recorded, compared by digest.

UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from memcert.formats.files import read_bounded
from memcert.interop.chain import Relu, Step, network_of
from memcert.interop.forms import Circuit, Form
from memcert.interop.imported import Imported
from memcert.interop.models import ImportOptions, read_model
from memcert.interop.stored_tensors import digest
from memcert.kernel.certificate import Certificate
from memcert.kernel.data import network_digest
from memcert.kernel.network import Layer, Network, common
from memcert.kernel.verdict import Mismatch, Words


@dataclass(frozen=True, slots=True)
class Bound:
    """What binds a certificate to a model.

    Args:
        files: (name, digest) of each file that was read.
        network: the digest of the certificate's network, which the model was lowered to.
        options: how the model was read, by the certificate's word: to be told with every verdict.
        normal: whether the two are equal only after both were brought to one form, neurons of known sign
            and repeated neurons left out; that changes no value.
        notes: what this import had to assume or leave out; the certificate's own are not compared.
    """

    files: tuple[tuple[str, str], ...]
    network: str
    options: Mapping[str, str | int | bool | None]
    normal: bool
    notes: tuple[str, ...]


def confirm_model(certificate: Certificate, path: str) -> Bound:
    """Read a model again, with the options and the lowering that the certificate records, and compare.

    A certificate of a network that was built has no model: then any model file will do that computes the
    same network, such as what `memcert export` wrote.

    Args:
        certificate: decoded, not believed.
        path: of the user's own model file; its name does not matter.

    Cost: that of the import.

    Raises:
        Mismatch: the bytes of a file, its format, or the network, are others.
        UnsupportedError: a lowering or an option that this version does not know.
        MemcertError: as `read_model`.
    """
    model = certificate.model
    if model is None:
        return _same_function(certificate, read_model(path, certificate.claim.rule, ImportOptions()))
    options = ImportOptions.of(model.options)
    stated = [file.digest for file in model.files]
    # Another file need not be one that can be read with these options, or at all.
    if stated and (got := digest(read_bounded(path))) != stated[0]:
        raise Mismatch("digest", "model.files[0].digest", stated[0], Words(got))
    found = read_model(path, certificate.claim.rule, options, model.lowering)
    digests = [file.digest for file in found.model.files]
    for place, (expected, got) in enumerate(zip(stated, digests, strict=False)):
        if expected != got:
            raise Mismatch("digest", f"model.files[{place}].digest", expected, Words(got))
    # What was read from Python has no file: then the network alone is compared.
    if stated and len(stated) != len(digests):
        raise Mismatch("digest", "model.files", f"{len(stated)} files", Words(f"{len(digests)} files"))
    if stated and found.model.format != model.format:
        raise Mismatch("format", "model.format", model.format, Words(found.model.format))
    network = network_digest(certificate.network)
    if (lowered := network_digest(found.network)) != network:
        raise Mismatch("digest", "network, lowered from the model", network, Words(lowered))
    return Bound(_files(found), network, dict(model.options), normal=False, notes=found.model.notes)


def _same_function(certificate: Certificate, found: Imported) -> Bound:
    own, theirs = network_digest(certificate.network), network_digest(found.network)
    if own == theirs:
        return Bound(_files(found), own, {}, normal=False, notes=found.model.notes)
    normal = network_digest(normal_form(certificate.network))
    if normal != theirs:
        raise Mismatch("digest", "network, lowered from the model", normal, Words(theirs))
    return Bound(_files(found), own, {}, normal=True, notes=found.model.notes)


def _files(found: Imported) -> tuple[tuple[str, str], ...]:
    return tuple((file.name, file.digest) for file in found.model.files)


def normal_form(network: Network) -> Network:
    """Return the network of the same function that an import of the same layers makes.

    Cost: linear in the weights, where no two layers without ReLU follow each other.

    Raises:
        UndecidedError: it is too large.
    """
    steps: list[Step] = []
    for layer in network.layers:
        steps += [_applied(layer), Relu()] if layer.relu else [_applied(layer)]
    return network_of(network.input_size, steps, None, None)


def _applied(layer: Layer) -> Step:
    def step(circuit: Circuit, forms: list[Form]) -> list[Form]:
        bottom = common(layer.data)
        numerators = [w.numerator * (bottom // w.denominator) for w in layer.data]
        rows = (
            (layer.indices[start:stop], numerators[start:stop], bias)
            for (start, stop), bias in zip(pairwise(layer.indptr), layer.bias, strict=True)
        )
        return circuit.products(forms, rows, bottom)

    return step
