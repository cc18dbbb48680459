"""Findings written by hand, for the tests of reports."""

from memcert.findings import Finding, Place, Step

HOSTILE = "a[/red]\x1b[2J\0::error::x</script>\n|`&\u202e{0}.json"
"""What a name of a file or a class may hold."""


def passed(subject: str = "certificates/a.json", **facts: object) -> Finding:
    """A certificate of which all demands hold."""
    steps = (Step("certificate", 0, "read", "12 bytes"), Step("check", 0, "accepted", "accepted (kernel)"))
    files = {subject: "ab" * 32, "data/a.csv": "cd" * 32}
    return Finding(subject, "certificate", steps, files, facts, ("kernel",), ("all",), milliseconds=1234)


def ended(status: int, verdict: str, *places: Place, subject: str = "certificates/a.json") -> Finding:
    """A certificate whose check ended so, and whose proof was not reached."""
    steps = (
        Step("certificate", 0, "read", "12 bytes"),
        Step(
            "check",
            status,
            verdict,
            "equal at samples[3]: expected 1, got 2",
            rule="equal",
            at="samples[3]",
            places=places,
            failures=max(1, len(places)),
        ),
        Step("prove", 6, "undecided", "not reached: an earlier step failed", failures=1),
    )
    return Finding(subject, "certificate", steps, {subject: "ab" * 32}, {}, (), ("all",))


def rejected(*places: Place, subject: str = "certificates/a.json") -> Finding:
    """A certificate that the check rejects."""
    return ended(1, "rejected", *places, subject=subject)
