"""Hold a change against the revision it starts from: it may not weaken its own gate.

UNTRUSTED. The base's policy holds, with what the change adds to it; what the base had and the change
has not is a failure, unless the base allows it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from memcert.endings import ending
from memcert.findings import Finding, Place, failed
from memcert.gate.discovery import Kind, Selection, kind_of_content
from memcert.gate.globs import matches
from memcert.gate.policy import Policy, Rule
from memcert.gate.policy_files import Found
from memcert.gate.revision import Revision
from memcert.gate.rules import joined
from memcert.kernel.files import MAX_BYTES
from memcert.kernel.verdict import Rejected, Words, shown


@dataclass(frozen=True, slots=True)
class Base:
    """The revision that a change starts from.

    Args:
        revision: its files.
        found: its policy; the default where it has none.
        here: the policy of the change.
    """

    revision: Revision
    found: Found
    here: Found


def effective(base: Policy, here: Policy) -> Policy:
    """Return the policy that holds for a change: the base's, and what the change adds.

    Of a rule that both have the base's version counts: a stricter one is in force once it is merged.
    Raises: never.
    """
    known = {rule.name for rule in base.rules}
    added = tuple(rule for rule in here.rules if rule.name not in known)
    models = tuple(dict.fromkeys((*base.models, *here.models)))
    return base.model_copy(update={"rules": (*base.rules, *added), "models": models})


def changed_rules(base: Policy, here: Policy) -> Iterator[str]:
    """Yield a note for each part of the policy that the change edits. Raises: never."""
    before = {rule.name: rule for rule in base.rules}
    for rule in here.rules:
        old = before.get(rule.name)
        if old is not None and old != rule:
            word = "weakens" if _weaker(old, rule) else "edits"
            yield f"the change {word} rule {rule.name}; the base's rule is the one in force"
    for name in ("paths", "exclude", "allow_removed", "allow_removed_rules"):
        if getattr(base, name) != getattr(here, name):
            yield f"the change edits {name.replace('_', '-')}; the base's is the one in force"


def _weaker(old: Rule, new: Rule) -> bool:
    """Whether a rule asks for less than it did, or of others."""
    if old.files != new.files or (old.optional, old.data, old.model) != (new.optional, new.data, new.model):
        return True
    try:
        return joined((old, new), "") != joined((new, new), "")
    except Exception:
        return True


def removed_rules(base: Policy, here: Policy, source: str | None = None) -> Iterator[Finding]:
    """Yield a finding for each rule that the change removes from its policy in `source`. Raises: never."""
    names = {rule.name for rule in here.rules}
    for rule in base.rules:
        if rule.name not in names and rule.name not in base.allow_removed_rules:
            reason = f"the rule {rule.name} of the base, or its name among the base's allow-removed-rules"
            yield _removed(rule.name, "rule", reason, source)


def removed_files(base: Base, selection: Selection, below: tuple[str, ...]) -> Iterator[Finding]:
    """Yield a finding for each certificate, box file or model that the base had and the change has not.

    Args:
        base: what the change starts from.
        selection: what is gated now.
        below: only files below these paths.

    Raises:
        UsageError: git fails.
    """
    policy, revision = base.found.policy, base.revision
    still = {*selection.certificates, *selection.boxes, *(path for path, _ in selection.unreadable)}
    for path in sorted(revision.changed() & revision.files.keys()):
        hidden = any(part.startswith(".") for part in path.split("/")[:-1])  # as `walk` enters no such folder
        if path in still or hidden or not lies_below(path, below) or matches(path, policy.allow_removed):
            continue
        regular = (revision.root / path).is_file()
        what = "model" if matches(path, policy.models) else "certificate"
        if what == "model" and not regular:
            yield _removed(path, what, f"the model {shown(path)} of the base", path)
        elif what == "certificate" and not matches(path, policy.exclude):
            kind = _kind_before(revision, path)
            got = "a file that says so no more" if regular else "nothing"
            if kind is not None:
                named = "box file" if kind == "boxes" else kind
                yield _removed(path, kind, f"the {named} {shown(path)} of the base", path, got)


def lies_below(path: str, below: tuple[str, ...]) -> bool:
    """Whether a path is one of some, or lies in one that is a folder. Raises: never."""
    return any(part in (".", path) or path.startswith(f"{part}/") for part in below)


def _kind_before(revision: Revision, path: str) -> Kind | None:
    if revision.files[path].size > MAX_BYTES:
        return None
    return kind_of_content(revision.read(path) or b"")


def _removed(subject: str, kind: str, expected: str, path: str | None, got: str = "nothing") -> Finding:
    error = Rejected("removed", "base", expected, Words(got))
    places = [] if path is None else [Place(path)]
    return Finding(subject, kind, (failed("removed", ending(error), *places),))
