"""A change against its base: it cannot weaken its own gate, and nothing vanishes."""

from pathlib import Path

import pytest
from gate_tools import gate, git, replace

from memcert.errors import UsageError
from memcert.gate.base import changed_rules, effective, removed_files, removed_rules
from memcert.gate.discovery import select
from memcert.gate.governing import governing
from memcert.gate.policy_files import find, in_folder
from memcert.gate.revision import revision

QUICK = "certificates/distance.json"


def vanished(sample: Path, below: str = "certificates") -> dict[str, int]:
    """Return the statuses of what the base had and the change has not."""
    governs = governing(sample, None, "HEAD", None)
    assert governs.base is not None
    selection = select(sample, [below], governs.policy.exclude)
    found = [*removed_files(governs.base, selection, (below,))]
    found += removed_rules(governs.base.found.policy, governs.base.here.policy)
    return {finding.subject: finding.status for finding in found}


def test_without_a_change_nothing_is_missing(sample: Path) -> None:
    assert sample.is_dir()
    run = gate("--policy-from", "HEAD", QUICK)
    assert run.status == 0, run.out + run.err
    assert "policy: memcert.toml of" in run.err


def test_a_policy_weakened_in_the_same_change_is_not_in_force(sample: Path) -> None:
    replace(sample / "memcert.toml", 'min-margin = "1/2"', 'min-margin = "1/9"')
    replace(sample / "memcert.toml", 'data = "data/{stem}.csv"\nmodel', 'data = "data/ramp.csv"\nmodel')
    run = gate("--policy-from", "HEAD", QUICK)
    assert run.status == 0, run.out
    assert "the change weakens rule imported; the base's rule is the one in force" in run.err
    assert gate(QUICK).status != 0


def test_a_damage_hidden_by_a_weaker_policy_still_fails(sample: Path) -> None:
    replace(sample / "data/distance.csv", "2,far", "2,near")
    replace(sample / "memcert.toml", 'data = "data/{stem}.csv"\nmodel', "model")
    assert gate(QUICK).status == 0
    assert gate("--policy-from", "HEAD", QUICK).status == 4


def test_excluding_a_file_in_the_same_change_is_not_in_force(sample: Path) -> None:
    replace(sample / "memcert.toml", "models =", 'exclude = "certificates/distance.json"\nmodels =')
    replace(sample / "data/distance.csv", "2,far", "2,near")
    run = gate("--policy-from", "HEAD", "certificates/distance.json")
    assert run.status == 4
    assert "edits exclude" in run.err


def test_a_removed_certificate_fails(sample: Path) -> None:
    (sample / "certificates/no-interval.json").unlink()
    assert vanished(sample) == {"certificates/no-interval.json": 1}


def test_a_certificate_that_says_so_no_more_was_removed(sample: Path) -> None:
    replace(
        sample / "memcert.toml",
        'files = "certificates/no-*.json"',
        'files = "certificates/no-*.json"\noptional = true',
    )
    git(sample, "commit", "-qam", "optional")
    replace(sample / "certificates/ramp.json", '"format": "memcert/', '"format": "other/')
    (sample / "certificates/flowers.json").write_text("{}", encoding="utf-8")
    run = gate("--policy-from", "HEAD")
    assert run.status == 2, "a rule that covers nothing"
    assert run.out.count("a file that says so no more") == 2


def test_a_renamed_certificate_was_removed(sample: Path) -> None:
    (sample / "certificates/no-interval.json").rename(sample / "certificates/no-other.json")
    git(sample, "add", "-A")
    assert vanished(sample) == {"certificates/no-interval.json": 1}


def test_a_removed_model_fails_even_without_its_rule(sample: Path) -> None:
    (sample / "models/distance.nnet").unlink()
    assert vanished(sample, "models") == {"models/distance.nnet": 1}


def test_what_the_base_allows_may_go(sample: Path) -> None:
    old = sample / "certificates/old"
    old.mkdir()
    (old / "no.json").write_bytes((sample / "certificates/no-interval.json").read_bytes())
    git(sample, "add", "-A")
    git(sample, "commit", "-qm", "old")
    (old / "no.json").unlink()
    assert vanished(sample) == {}


def test_a_change_cannot_allow_its_own_removals(sample: Path) -> None:
    replace(sample / "memcert.toml", "allow-removed = [", 'allow-removed = ["**", ')
    (sample / "certificates/no-interval.json").unlink()
    assert vanished(sample) == {"certificates/no-interval.json": 1}


def test_a_removed_rule_fails_and_its_demands_stay(sample: Path) -> None:
    base = find(in_folder(sample), None).policy
    text = (sample / "memcert.toml").read_text(encoding="utf-8")
    (sample / "memcert.toml").write_text(text.split('[[rules]]\nname = "impossible"')[0], encoding="utf-8")
    here = find(in_folder(sample), None).policy
    assert [finding.subject for finding in removed_rules(base, here)] == ["impossible"]
    assert [finding.status for finding in removed_rules(base, here)] == [1]
    assert [rule.name for rule in effective(base, here).rules] == [
        "built",
        "proved",
        "imported",
        "impossible",
    ]
    allowing = base.model_copy(update={"allow_removed_rules": ("impossible",)})
    assert list(removed_rules(allowing, here)) == []
    assert vanished(sample) == {"impossible": 1}


def test_a_new_rule_counts_beside_those_of_the_base(sample: Path) -> None:
    with (sample / "memcert.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[rules]]\nname = "more"\nfiles = "certificates/distance.json"\nmin-margin = 5\n')
    assert gate("--policy-from", "HEAD", QUICK).status == 1


def test_a_base_without_a_policy_checks_everything_all_the_same(sample: Path) -> None:
    git(sample, "rm", "-q", "memcert.toml")
    git(sample, "commit", "-qm", "no policy")
    (sample / "memcert.toml").write_text('exclude = "**"\n', encoding="utf-8")
    run = gate("--policy-from", "HEAD", "certificates/no-interval.json")
    assert run.status == 0, run.out
    assert "policy: the default of" in run.err


def test_a_policy_of_the_base_that_is_a_link_is_refused(sample: Path) -> None:
    # Without this it would pass for no policy at all.
    (sample / "memcert.toml").rename(sample / "real.toml")
    (sample / "memcert.toml").symlink_to("real.toml")
    git(sample, "add", "-A")
    git(sample, "commit", "-qm", "link")
    run = gate("--policy-from", "HEAD", QUICK)
    assert run.status == 2
    assert "got a link or a submodule" in run.err


def test_a_malformed_policy_of_the_change_is_an_error(sample: Path) -> None:
    (sample / "memcert.toml").write_text("rules = 3\n", encoding="utf-8")
    assert gate("--policy-from", "HEAD", QUICK).status == 2


def test_a_stricter_rule_is_not_called_weaker(sample: Path) -> None:
    base = find(in_folder(sample), None).policy
    replace(sample / "memcert.toml", 'min-margin = "1/2"', 'min-margin = "2/3"')
    (note,) = changed_rules(base, find(in_folder(sample), None).policy)
    assert note.startswith("the change edits rule imported")


def test_the_digest_pins_the_policy(sample: Path) -> None:
    digest = governing(sample, None, None, None).digest
    assert gate("--policy-digest", digest, QUICK).status == 0
    run = gate("--policy-digest", "sha256:" + "0" * 64, QUICK)
    assert run.status == 4
    assert digest in run.out
    replace(sample / "memcert.toml", 'min-margin = "1/2"', 'min-margin = "1/9"')
    assert gate("--policy-digest", digest, QUICK).status == 4
    assert gate("--policy-digest", digest, "--policy-from", "HEAD", QUICK).status == 0


@pytest.mark.parametrize(
    "name",
    ["", "-x", "--output=x", "a b", "HEAD;id", "$(id)", "a..b", "none", "HEAD:memcert.toml", "x" * 300],
)
def test_what_is_no_revision_is_refused(name: str, sample: Path) -> None:
    with pytest.raises(UsageError, match="--policy-from"):
        revision(sample, name)


def test_where_there_is_no_repository_there_is_no_revision(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--policy-from"):
        revision(tmp_path, "HEAD")


def test_git_runs_nothing_of_the_repository(sample: Path) -> None:
    # Attributes come with a change; drivers are the user's settings, and these would leave a mark.
    mark = sample.parent / "mark"
    (sample / ".gitattributes").write_text("* diff=evil filter=evil\n", encoding="utf-8")
    for key in ("diff.evil.textconv", "diff.evil.command", "diff.external"):
        git(sample, "config", key, f"touch {mark}; cat")
    hooks = sample / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    (sample / "data/ramp.csv").write_text("x,y\n1,1\n", encoding="utf-8")
    found = revision(sample, "HEAD")
    assert "data/ramp.csv" in found.changed()
    assert (found.read("memcert.toml") or b"").startswith(b"# What must be true")
    assert not mark.exists()


def test_names_with_odd_characters_come_back_from_git(sample: Path) -> None:
    odd = 'certificates/a\tb\n"c" \u00e9[red].json'
    (sample / odd).write_bytes((sample / "certificates/no-interval.json").read_bytes())
    git(sample, "add", "-A")
    git(sample, "commit", "-qm", "odd")
    (sample / odd).unlink()
    assert odd in revision(sample, "HEAD").changed()
    assert vanished(sample) == {odd: 1}


def test_an_object_that_was_replaced_is_not_believed(sample: Path) -> None:
    before = revision(sample, "HEAD")
    old = git(sample, "rev-parse", "HEAD:memcert.toml")
    (sample / "weak.toml").write_text("exclude = '**'\n", encoding="utf-8")
    new = git(sample, "hash-object", "-w", "weak.toml").strip()
    git(sample, "replace", old.strip(), new)
    assert revision(sample, "HEAD").read("memcert.toml") == before.read("memcert.toml")
    assert b"exclude" not in (before.read("memcert.toml") or b"")
