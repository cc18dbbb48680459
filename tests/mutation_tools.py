"""Single edits of true certificates, and what becomes of each: the mutation score of check and prove.

Edits are made before digests are recomputed, as a forger would; the same edit under the old digests is judged
beside it. What is accepted goes to `claim_truth`, which decides every claim again by its definition.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from bases import BASES
from claim_truth import is_true
from soundness_tools import contradiction
from strategies import dataset, network

from memcert.constructions.assemble import build
from memcert.formats.certificates import to_json
from memcert.kernel.certificate import Certificate, Digests, Model, ModelFile
from memcert.kernel.check import check
from memcert.kernel.data import dataset_digest, inline_table, network_digest
from memcert.kernel.decode import decode
from memcert.kernel.files import read_bytes
from memcert.kernel.rational import parse, spell
from memcert.kernel.verdict import Failure, LimitReached
from memcert.proofs.prove import prove
from memcert.verification.certificate import certificate_of
from memcert.verification.verdicts import verify

Json = Any
Way = tuple[Any, ...]
FOLDER = Path(__file__).parents[1] / "certificates"
MOST_POINTS = 10
SECTIONS = ("dataset", "network", "network", "claim", "witness", "contracts", "blocks", "digests", "")
"""One is drawn, then a place in it; the empty name is the whole file."""
PROVED_SECTIONS = ("dataset", "network", "network", "claim", "contracts", "contracts", "blocks")
PROOF_LEAVES = frozenset(
    [
        *("width", "depth", "parameters", "edges", "bit_complexity"),
        *("separation", "data_radius_squared", "margin", "probe"),
    ]
)
"""Rules of a check for what a proof lists as not examined."""
POINTS = [(0, 0), (3, 1), (1, 4), (-2, 5), (7, -3), (2, 2)]


def _built(name: str, labels: str, rule: str, **options: Any) -> Callable[[], Json]:
    tolerance = options.pop("tolerance", None)
    return lambda: to_json(build(dataset(POINTS, list(labels)), name, rule, tolerance, **options))


def _imported(rule: str) -> Callable[[], Json]:
    """Return what makes a certificate of a network made elsewhere, which errs on some of ten rows."""

    def make() -> Json:
        chance = Random(rule)  # noqa: S311 - the same network in every run
        rows = [[chance.randint(-9, 9) for _ in range(3)] for _ in range(MOST_POINTS)]
        outputs = 3 if rule == "argmax" else 1
        weights = [[chance.randint(-4, 4) or 1 for _ in range(3)] for _ in range(4)]
        last = [[Fraction(chance.randint(-9, 9) or 1, 8) for _ in range(4)] for _ in range(outputs)]
        made = network((weights, [chance.randint(-3, 3) for _ in range(4)]), (last, [0] * outputs))
        labels = [chance.choice([0, 1, 2] if rule == "argmax" else [-1, 1]) for _ in rows]
        model = Model("net.onnx", "ONNX, opset 17", (ModelFile("net.onnx", f"sha256:{0:064x}"),), 1, {}, ())
        tolerance = 20 if rule == "within" else None
        return to_json(certificate_of(made, model, verify(made, dataset(rows, labels), rule, tolerance)))

    return make


def _published(path: Path) -> Callable[[], Json]:
    return lambda: json.loads(read_bytes(str(path)))


@dataclass(frozen=True, slots=True)
class Base:
    """A true certificate that is edited: its JSON, with the right digests, and itself."""

    value: Json
    certificate: Certificate


@cache
def base(name: str) -> Base:
    """Return the certificate of that name with its digests made anew."""
    value = makers()[name]()
    made = decode(json.dumps(value).encode())
    table = inline_table(made)
    assert table is not None
    digests = Digests(dataset_digest(table), network_digest(made.network))
    value["digests"] = {"dataset": digests.dataset, "network": digests.network}
    return Base(value, replace(made, digests=digests))


@cache
def makers() -> dict[str, Callable[[], Json]]:
    """Return what makes each certificate that is edited: published, written by hand, built for a rule."""
    small = {
        path.stem: _published(path)
        for path in sorted(FOLDER.glob("*.json"))
        if decode(read_bytes(str(path))).dataset.size <= MOST_POINTS
    }
    nae_sat = {"nae-sat": _published(FOLDER / "nae-sat.json")}  # the smallest formula has 25 points
    rules = {
        "vardi-yehudai-shamir, sign": _built("vardi-yehudai-shamir", "abbaab", "sign"),
        "vardi-yehudai-shamir, argmax": _built("vardi-yehudai-shamir", "abcabc", "argmax"),
        "robust-boxes, argmax": _built("robust-boxes", "abcabc", "argmax"),
        "tent-keys, sign": _built("tent-keys", "abbaab", "sign"),
        "two-layer baum, sign": _built("two-layer", "abbaab", "sign", variant="baum", groups="adaptive"),
        "two-layer bubeck": _built("two-layer", "abcabc", "equal", variant="bubeck", groups="adaptive"),
        "two-layer zhang": _built("two-layer", "abcabc", "equal", variant="zhang"),
    }
    imported = {f"imported, {rule}": _imported(rule) for rule in ("argmax", "sign", "within")}
    by_hand = {f"by hand, {name}": made for name, made in BASES.items()}
    return {**small, **nae_sat, **rules, **imported, **by_hand}


# Edits


def ways(value: Json, way: Way = ()) -> Iterator[Way]:
    """Yield the way to every value below."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield (*way, key)
        yield from ways(part, (*way, key))


def _at(value: Json, way: Way) -> Json:
    for key in way:
        value = value[key]
    return value


def _number(value: Json) -> Fraction | None:
    if type(value) is int or (type(value) is str and value[:1] in "-0123456789" and value):
        try:
            return Fraction(parse(value))
        except Failure:
            return None
    return None


def _last_bit(x: Fraction) -> Fraction:
    return Fraction(x.numerator ^ 1, x.denominator)


NUMBERS: dict[str, Callable[[Fraction], Fraction]] = {
    "plus one": lambda x: x + 1,
    "minus one": lambda x: x - 1,
    "doubled": lambda x: 2 * x,
    "halved": lambda x: x / 2,
    "sign": lambda x: -x,
    "last bit": _last_bit,
    "a little": lambda x: x + Fraction(1, 2**70),
}


def _exact(x: Fraction) -> Json:
    return spell(x.numerator if x.denominator == 1 else x)


def _list_edit(chance: Random, items: list[Any]) -> tuple[str, list[Any]]:
    kind = chance.choice(["swapped", "deleted", "inserted", "copied"]) if items else "inserted"
    made = list(items)
    i, j = (chance.randrange(len(items)), chance.randrange(len(items))) if items else (0, 0)
    if kind == "swapped":
        made[i], made[j] = items[j], items[i]
    elif kind == "deleted":
        del made[i]
    elif kind == "copied":
        made[i] = items[j]
    else:
        made.insert(i, items[j] if items else 0)
    return kind, made


def _text_edit(chance: Random, value: Json, way: Way, old: str) -> str:
    # A name, a relation, a rule: another text of the same section, or one letter more.
    texts = [t for w in ways(value[way[0]]) if type(t := _at(value[way[0]], w)) is str]
    return chance.choice([*(t for t in texts if t != old), f"{old}x"])


def _keys_edit(chance: Random, old: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if not old or chance.random() < 0.3:
        return "key inserted", {**old, "x": chance.choice([0, 1, None])}
    gone = chance.choice(list(old))
    return "key deleted", {key: part for key, part in old.items() if key != gone}


def _other(chance: Random, value: Json, way: Way) -> tuple[str, Json]:
    old = _at(value, way)
    number = _number(old)
    if number is not None:
        kind = chance.choice(list(NUMBERS))
        return kind, _exact(NUMBERS[kind](number))
    if isinstance(old, list):
        return _list_edit(chance, old)
    if isinstance(old, dict):
        return _keys_edit(chance, old)
    if isinstance(old, bool):
        return "flag", not old
    if old is None:
        return "null filled", chance.choice([0, 1, [], "1/2"])
    return ("text", _text_edit(chance, value, way, old)) if chance.random() < 0.8 else ("nulled", None)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: where, of which kind, and the value that it gives the place."""

    way: Way
    kind: str
    new: Json

    def applied(self, value: Json) -> Json:
        """Return a copy of a certificate's JSON with the change."""
        made = deepcopy(value)
        _at(made, self.way[:-1])[self.way[-1]] = self.new
        return made

    @property
    def column(self) -> str:
        """What the place is to a check: see `column_of`."""
        return column_of(self.way)


def column_of(way: Way) -> str:
    """Return whether a check examines a place, a proof alone, or nobody, as the meaning document says."""
    first, second = way[0], way[1] if len(way) > 1 else None
    named = first == "blocks" and len(way) > 2 and way[2] in ("name", "stage")
    probe = first == "witness" and len(way) == 4 and way[1] == "probes" and way[3] == "name"
    if first in ("annotations", "construction", "model") or (first, second) == ("dataset", "name"):
        return "no meaning"
    if named or probe:
        return "no meaning"
    proof_only = first in ("contracts", "blocks") or (first, second) in (
        ("claim", "box_radius"),
        ("claim", "promises"),
    )
    return "left to a proof" if proof_only else "true"


def drawn(chance: Random, value: Json, sections: tuple[str, ...] = SECTIONS) -> Edit:
    """Return a random change that changes something."""
    while True:
        section = chance.choice(sections)
        inner = value[section] if section else value
        places = [(section, *way) if section else way for way in ways(inner)] + (
            [(section,)] if section else []
        )
        way = chance.choice(places)
        kind, new = _other(chance, value, way)
        if json.dumps(new) != json.dumps(_at(value, way)):
            return Edit(way, kind, new)


# What becomes of them


@dataclass(slots=True)
class Score:
    """Counts of outcomes: all, by rule, by kind of edit; and what must not be, with the edit.

    `slowest` is the longest time that one edit took, in seconds, by decoding and checking.
    """

    tried: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def add(self, other: "Score") -> None:
        """Add the counts of another run."""
        self.tried += other.tried
        for name in ("outcomes", "rules", "stale", "kinds"):
            getattr(self, name).update(getattr(other, name))
        self.wrong += other.wrong
        self.slowest = max(self.slowest, other.slowest)


def _ended(act: Callable[[], object]) -> Exception | None:
    try:
        act()
    except Exception as error:  # what escapes is counted as a crash, with its edit
        return error
    return None


def _word(found: Exception | None) -> str:
    if found is None:
        return "accepted"
    if isinstance(found, LimitReached):
        return "undecided"
    if isinstance(found, Failure):
        return {1: "rejected", 3: "malformed", 4: "mismatch", 5: "unsupported"}[found.status]
    return "crashed"


def forged(certificate: Certificate, edit: Edit) -> Certificate:
    """Return the certificate with digests made anew, unless these are what was edited."""
    table = inline_table(certificate)
    if "digests" in edit.way[:1] or table is None:
        return certificate
    return replace(certificate, digests=Digests(dataset_digest(table), network_digest(certificate.network)))


def _true(certificate: Certificate, of: Base) -> bool:
    """Whether every claim is true; what is equal to the base's, which is true, is not evaluated again."""
    old, made = of.certificate, certificate
    same = (made.network, made.dataset, made.claim, made.witness, made.digests) == (
        (old.network, old.dataset, old.claim, old.witness, old.digests)
    )
    return same or is_true(certificate)


def judged(of: Base, edit: Edit, score: Score) -> None:
    """Put one edit to the check, under new digests and under the old ones, and count what becomes of it."""
    text = json.dumps(edit.applied(of.value)).encode()
    found: list[Certificate] = []

    def read_and_checked() -> None:
        found.append(forged(decode(text), edit))
        check(found[0])

    start = perf_counter()
    failure = _ended(read_and_checked)
    score.slowest = max(score.slowest, perf_counter() - start)
    score.tried += 1
    score.kinds[edit.kind] += 1
    word = _word(failure)
    if isinstance(failure, Failure):
        score.rules[f"{word}: {failure.rule}"] += 1
    if word == "accepted":
        word = "accepted, false"
        if _true(found[0], of):
            word = f"accepted, {edit.column}"
    if word in ("accepted, false", "crashed"):
        score.wrong.append(f"{word}: {failure!r} {edit}")
    score.outcomes[word] += 1
    score.stale[_under_old_digests(of, found[0], edit, score) if found else word] += 1


def _under_old_digests(of: Base, made: Certificate, edit: Edit, score: Score) -> str:
    kept = made if edit.way[0] == "digests" else replace(made, digests=of.certificate.digests)
    word = _word(_ended(lambda: check(kept)))
    if word == "crashed" or (word == "accepted" and not _true(kept, of)):
        score.wrong.append(f"under old digests {word} and false: {edit}")
        return f"{word}, false"
    return f"accepted, {edit.column}" if word == "accepted" else word


def proved(of: Base, edit: Edit, score: Score, chance: Random) -> None:
    """Put one edit to the prover; what it proves must be accepted by a check, but for what it leaves out."""
    text = json.dumps(edit.applied(of.value)).encode()
    score.tried += 1
    score.kinds[edit.kind] += 1
    try:
        made = forged(decode(text), edit)
        result = prove(made, timeout=2)
    except Failure as failure:
        word = _word(failure)
        score.outcomes[word] += 1
        score.rules[f"{word}: {failure.rule}"] += 1
        return
    except Exception as error:
        score.outcomes["crashed"] += 1
        score.wrong.append(f"crashed: {error!r} {edit}")
        return
    word = result.verdict
    if result.refutation is not None:
        score.rules[f"refuted: {result.refutation.rule}"] += 1
    if word == "proved":
        word = _beside_a_check(made, edit, score)
        why = contradiction(made, result, chance, 4)
        if why is not None:
            score.wrong.append(f"proved and false: {why} {edit}")
            word = "proved, false"
    score.outcomes[word] += 1


def _beside_a_check(made: Certificate, edit: Edit, score: Score) -> str:
    failure = _ended(lambda: check(made))
    if failure is None:
        return "proved, accepted by a check"
    if isinstance(failure, Failure) and failure.rule in PROOF_LEAVES:
        return "proved, a check rejects what a proof leaves out"
    score.wrong.append(f"proved, and a check rejects: {failure} {edit}")
    return "proved, rejected by a check"


def run(names: list[str], seed: int, count: int) -> Score:
    """Judge `count` edits, of each base in turn; the same seed gives the same edits."""
    chance, score = Random(seed), Score()  # noqa: S311 - the same edits in every run
    for place in range(count):
        of = base(names[place % len(names)])
        judged(of, drawn(chance, of.value), score)
    return score


def run_proofs(names: list[str], seed: int, count: int) -> Score:
    """Prove `count` edits, of each base in turn; the same seed gives the same edits."""
    chance, score = Random(seed), Score()  # noqa: S311 - the same edits in every run
    for place in range(count):
        of = base(names[place % len(names)])
        proved(of, drawn(chance, of.value, PROVED_SECTIONS), score, chance)
    return score
