"""Short certificates that describe a long proof: a limit is met in its place, and nothing hangs."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from proof_tools import block, by_neurons, cert, contract, net, proved
from strategies import layer

from memcert.contracts import smtlib
from memcert.contracts.mechanisms import linear
from memcert.contracts.notation import case
from memcert.contracts.validation import validate
from memcert.kernel.certificate import Certificate
from memcert.kernel.network import Network
from memcert.kernel.verdict import LimitReached
from memcert.proofs import obligations as questions
from memcert.proofs.prove import prove


def squaring(count: int) -> Certificate:
    """Parameters that are each bound at the square of the one before: bits double at every step."""
    rows = ["n0 = u + p0", *(f"n{k} = u + p{k} + p{k - 1}*p{k - 1}" for k in range(1, count))]
    names = [f"n{k}" for k in range(count)]
    growing = contract(
        "growing",
        [rows],
        "u ~ n0",
        ", ".join(names),
        case("all", "", ", ".join(f"{name} >= 0" for name in names)),
        bound=[(f"p{k}", f"n{k}", None) for k in range(count)],
    )
    network = net(1, [f"x0 + {7 + k}" for k in range(count)], [" + ".join(f"x{k}" for k in range(count))])
    return cert(
        network, [growing, linear()], [block("grow", "growing", 0), block("read", "linear", 1)], [[1]], [1]
    )


def power(degree: int) -> Certificate:
    high = "*".join(["k"] * degree)
    contracts = [
        contract(
            "high",
            [["y = u + k"]],
            "u ~ y",
            "y",
            case("all", f"{high} >= 0", "y >= 0"),
            bound=[("k", "y", None)],
        ),
        linear(),
    ]
    network = net(1, ["x0 + 3"], ["x0"])
    return cert(network, contracts, [block("a", "high", 0), block("b", "linear", 1)], [[1]], [4])


def coprime(count: int, bits: int) -> list[Fraction]:
    """Fractions whose least common denominator is `count` times as long as each of them."""
    # 2^a - 1 and 2^b - 1 have no common factor but 2^gcd(a, b) - 1.
    return [Fraction(1, 2 ** (bits + k) - 1) for k in range(count)]


def many_denominators(where: str) -> Certificate:
    """Numbers of 60,000 bits each, in one row, one layer of biases, or the labels."""
    parts, ones, zeros = coprime(20, 60_000), [1] * 20, [0] * 20
    if where == "labels":
        return by_neurons(net(1, ["x0"]), [[0]] * 20, parts)
    if where == "input row":
        return by_neurons(Network(20, (layer([parts], [0], relu=False),)), [zeros], [0])
    sums = layer([[1] for _ in parts], parts if where == "biases" else zeros, relu=True)
    last = layer([ones if where == "biases" else parts], [0], relu=False)
    return by_neurons(Network(1, (sums, last)), [[1]], [0])


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: squaring(60), "value_bits"),
        (lambda: power(17), "degree"),
        (lambda: many_denominators("labels"), "value_bits"),
        (lambda: many_denominators("input row"), "value_bits"),
        (lambda: many_denominators("hidden row"), "value_bits"),
        (lambda: many_denominators("biases"), "value_bits"),
    ],
)
def test_numbers_that_a_short_file_makes_long_are_undecided(
    make: Callable[[], Certificate], rule: str
) -> None:
    with pytest.raises(LimitReached) as caught:
        prove(make())
    assert (caught.value.rule, caught.value.status) == (rule, 6)


def test_a_few_squares_are_read() -> None:
    assert prove(squaring(5)).verdict == "refuted"
    assert prove(power(2)).verdict == "refuted"


def test_a_contract_of_many_outputs_is_read_in_time_linear_in_them() -> None:
    names = [f"n{k}" for k in range(20_000)]
    said = ", ".join(f"{name} >= 0" for name in names)
    validate(
        contract(
            "wide", [[f"{name} = u" for name in names]], "u = n0", ", ".join(names), case("all", "", said)
        )
    )


def test_questions_that_are_long_together_are_not_all_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[int] = []
    claim = smtlib.claim

    def counted(*asked: object) -> object:
        printed.append(1)
        return claim(*asked)  # type: ignore[arg-type]

    cases = [case(f"a{k}", f"u >= {k}", "y = u") for k in range(25)]
    certificate = cert(
        net(1, ["x0"]),
        [contract("c", [["y = u"]], "u = y", "y", *cases, relus=[False])],
        [block("b", "c", 0)],
        [[1]],
        [1],
    )
    proved(certificate)
    monkeypatch.setattr(questions, "claim", counted)
    monkeypatch.setattr(questions, "MAX_TEXTS", 1000)
    with pytest.raises(LimitReached) as caught:
        prove(certificate)
    assert caught.value.rule == "obligations"
    assert 0 < len(printed) < 10
