import dataclasses

import pytest
from attacks import spelled
from bases import tent

from memcert.kernel import certificate as c
from memcert.kernel.decode import decode

CLASSES = [x for x in vars(c).values() if isinstance(x, type) and x.__module__ == c.__name__]


def test_a_certificate_cannot_be_changed() -> None:
    made = decode(spelled(tent()).encode())
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.claim.width = 1  # type: ignore[misc]
    with pytest.raises(AttributeError):
        made.contracts[0].cases[0].requires[0].relation = ">"  # type: ignore[misc]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_part_is_frozen_and_says_what_it_is(kind: type) -> None:
    assert issubclass(kind, tuple) or kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert kind.__doc__
