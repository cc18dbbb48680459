"""Which policy governs: that of the folder, or that of the revision that a change starts from.

UNTRUSTED.
"""

from dataclasses import dataclass
from pathlib import Path

from memcert.gate.base import Base, changed_rules, effective
from memcert.gate.policy import Policy
from memcert.gate.policy_files import find, in_folder
from memcert.gate.revision import revision
from memcert.kernel.verdict import Mismatch, Words


@dataclass(frozen=True, slots=True)
class Governing:
    """The policy that holds.

    Args:
        policy: with what a change adds to that of its base.
        source: where it stands, for people.
        file: of the folder's policy; None: there is none.
        digest: of the policy as it was read, which `--policy-digest` pins.
        base: None where no revision was named.
        notes: what the change edits, for people.
    """

    policy: Policy
    source: str
    file: str | None
    digest: str
    base: Base | None
    notes: tuple[str, ...]


def governing(root: Path, config: str | None, policy_from: str | None, pinned: str | None) -> Governing:
    """Return the policy that holds.

    Args:
        root: of the repository.
        config: the file with the policy, relative to it; None: where it usually stands.
        policy_from: a revision; None: the folder as it is.
        pinned: the digest that the policy must have; None: any.

    Raises:
        UsageError: a policy is malformed or not there, or there is no such revision.
        Mismatch: the policy has another digest.
    """
    here = find(in_folder(root), config)
    if policy_from is None:
        found = Governing(
            here.policy, here.source or "the default", here.source, here.policy.digest, None, ()
        )
    else:
        start = revision(root, policy_from)
        there = find(start.read, config)
        source = f"{there.source or 'the default'} of {start.commit[:12]}"
        notes = tuple(changed_rules(there.policy, here.policy))
        policy = effective(there.policy, here.policy)
        found = Governing(policy, source, here.source, there.policy.digest, Base(start, there, here), notes)
    if pinned is not None and pinned != found.digest:
        raise Mismatch("digest", "policy", pinned, Words(found.digest))
    return found
