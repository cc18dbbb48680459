"""The policy: what is one, what is refused and where, and what its rules demand together."""

import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from memcert.errors import UsageError
from memcert.gate.demands import demands_of
from memcert.gate.policy import Policy, Rule, read_policy
from memcert.gate.policy_files import find, in_folder
from memcert.gate.rules import EVERYTHING, covering, joined

RULE = '[[rules]]\nname = "a"\nfiles = "**"\n'


def policy(text: str) -> Policy:
    """Return the policy of a TOML text."""
    return read_policy(tomllib.loads(text), "memcert.toml")


def rule(text: str, name: str = "a") -> Rule:
    """Return a rule with the keys of a TOML text."""
    return policy(f'[[rules]]\nname = "{name}"\nfiles = "**"\n{text}\n').rules[0]


def test_numbers_are_exact() -> None:
    found = rule('min-margin = "1/3"\nmin-radius = "0.1"\nmax-tolerance = 2\nmin-accuracy = "0.999"')
    assert found.min_margin == Fraction(1, 3)
    assert found.min_radius == Fraction(1, 10)
    assert (found.max_tolerance, found.min_accuracy) == (2, Fraction(999, 1000))


REFUSED = [
    ("min-margin = 0.1", "rules[0] (a).min-margin: expected an integer, or a quoted number"),
    ('min-margin = "1e"', "rules[0] (a).min-margin"),
    ("min-margin = true", "rules[0] (a).min-margin"),
    ('min-margin = "1/0"', "rules[0] (a).min-margin"),
    ('min-accuracy = "3/2"', "rules[0] (a): min-accuracy: expected a number from 0 to 1"),
    ("max-widht = 3", "rules[0] (a).max-widht: there is no such key"),
    ("max_width = 3", "rules[0] (a).max_width: there is no such key"),
    ("max-width = -1", "rules[0] (a).max-width"),
    ("max-width = 1.5", "rules[0] (a).max-width"),
    ("timeout = 0", "rules[0] (a).timeout"),
    ('timeout = "60"', "rules[0] (a).timeout"),
    ('max-memory = "lots"', "rules[0] (a).max-memory"),
    ("max-memory = 1000", "rules[0] (a).max-memory"),
    ('require = ["check", "trust"]', "rules[0] (a).require[1]"),
    ('claims = "most"', "rules[0] (a).claims[0]"),
    ("claims = []", "rules[0] (a).claims"),
    ('data = "/etc/passwd"', "rules[0] (a).data: expected a path inside the repository"),
    ('data = "../x.csv"', "rules[0] (a).data"),
    ('data = "C:/x.csv"', "rules[0] (a).data"),
    ('data = "sklearn:a/b"', "rules[0] (a).data"),
    ('label = "x"', "rules[0] (a): label: says how to read `data`"),
    ('model-digest = "sha256:' + "0" * 64 + '"', "rules[0] (a): model-digest: is of `model`"),
    ('data-digest = "sha256:ABC"', "rules[0] (a).data-digest"),
    ("optional = 1", "rules[0] (a).optional"),
    ("header = 'no'", "rules[0] (a).header"),
]


@pytest.mark.parametrize(("text", "place"), REFUSED)
def test_a_wrong_key_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        rule(text)
    assert place in str(caught.value)
    assert str(caught.value).startswith("'memcert.toml': ")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('paths = ["/x"]', "paths[0]"),
        ('exclude = "../x"', "exclude[0]"),
        ("rules = 3", "rules"),
        ('rule = "x"', "rule: there is no such key"),
        (RULE + RULE, "the name 'a' is given twice"),
        (RULE.replace('"a"', '"[/red]::error::"'), "rules[0].name"),
        ('[[rules]]\nname = "a"', "rules[0] (a).files"),
        ('[[rules]]\nname = "a"\nfiles = []', "rules[0] (a).files"),
        ('"\\u001b[2J" = 1', "'\\x1b[2J'"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        policy(text)
    assert place in str(caught.value)
    assert str(caught.value).isprintable()


def test_the_digest_is_of_what_is_said_and_not_of_how() -> None:
    one = policy('exclude = "x"\n[[rules]]\nname="a"\nfiles="**"\nmin-margin="0.5"\n')
    two = policy(
        '# the same\nexclude = ["x"]\n[[rules]]\nmin-margin="1/2"\nfiles=["**"]\nname="a"\nrequire="check"\n'
    )
    assert one.digest == two.digest
    assert one.digest != policy('exclude = "x"\n[[rules]]\nname="a"\nfiles="**"\nmin-margin="0.4"\n').digest
    assert Policy().digest != one.digest


def test_the_digest_of_a_policy_is_the_same_in_every_release() -> None:
    # Pinned by users: new keys with defaults must not change it. As sha256sum has it, of
    # memcert-policy/1{"rules":[{"files":["**"],"name":"a"}]}
    assert policy(RULE).digest == "sha256:02b176ec5f77fcda467e8fdfac1fdc05ad33de0879058b64c92882bdb3cd088f"


def test_of_several_rules_the_strictest_counts() -> None:
    one = rule('require="prove"\nclaims=["equal","sign"]\nmax-width=5\nmin-margin=1\ntimeout=9\ndata="d.csv"')
    two = rule(
        'require="both-engines"\nclaims=["sign","argmax"]\nmax-width=3\nmin-margin=2\nmax-memory="1GB"', "b"
    )
    found = joined((one, two), "x/y.json")
    assert (found.prove, found.both_engines, found.claims) == (True, True, ("sign",))
    assert (found.sizes, found.min_margin, found.timeout) == ({"width": 3}, 2, 9)
    assert (found.max_memory, found.rules) == (10**9, ("a", "b"))
    assert joined((two, one), "x/y.json").sizes == found.sizes
    assert demands_of(found.to_json()) == found


def test_a_radius_is_a_demand_for_a_proof() -> None:
    assert joined((rule('min-radius = "1/8"'),), "x.json").prove


@pytest.mark.parametrize(
    ("one", "two", "what"),
    [
        ('data="a.csv"', 'data="b.csv"', "data"),
        ('data="a.csv"', 'data="a.csv"\nlabel="y"', "data"),
        ('model="a.onnx"', 'model="b.onnx"', "model"),
        ('solver="z3"', 'solver="cvc5"', "solver"),
    ],
)
def test_rules_that_disagree_are_refused(one: str, two: str, what: str) -> None:
    with pytest.raises(UsageError, match=f"rules a, b: demand different {what} of 'x.json'"):
        joined((rule(one), rule(two, "b")), "x.json")


def test_a_file_is_named_after_its_certificate() -> None:
    found = joined((rule('data="data/{stem}.csv"\nmodel="m/{stem}.onnx"'),), "c/iris.json.gz")
    assert found.binding is not None
    assert (found.binding.data, found.model) == ("data/iris.csv", "m/iris.onnx")


def test_without_rules_every_certificate_is_checked_and_with_some_each_must_be_covered() -> None:
    assert covering(Policy(), "any/thing.json") == (EVERYTHING,)
    some = policy('[[rules]]\nname = "a"\nfiles = "c/*"\n')
    assert covering(some, "any/thing.json") == ()
    assert [rule.name for rule in covering(some, "c/x.json")] == ["a"]


def test_memcert_toml_is_read_before_pyproject(tmp_path: Path) -> None:
    read = in_folder(tmp_path)
    assert find(read, None).source is None
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert find(read, None).source is None
    (tmp_path / "pyproject.toml").write_text("[tool.memcert]\nexclude = 'b'\n", encoding="utf-8")
    assert find(read, None).policy.exclude == ("b",)
    (tmp_path / "memcert.toml").write_text("exclude = 'a'\n", encoding="utf-8")
    assert find(read, None).policy.exclude == ("a",)
    assert find(read, "pyproject.toml").policy.exclude == ("b",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exclude = [\n", "expected TOML: "),
        ("exclude = \xff", "expected TOML: "),
        ("a = " + "[" * 100_000, "expected TOML: "),
        ("x" * ((1 << 20) + 1), "bytes of policy"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "memcert.toml").write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match=message):
        find(in_folder(tmp_path), None)


@pytest.mark.parametrize("name", ["none.toml", "pyproject.toml"])
def test_a_policy_that_is_named_must_be_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    with pytest.raises(UsageError, match="--config"):
        find(in_folder(tmp_path), name)
