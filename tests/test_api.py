"""The public functions on real files."""

from fractions import Fraction
from pathlib import Path

import memcert


def test_decimal_labels_of_a_file_are_numbers_for_the_rule_within(tmp_path: Path) -> None:
    path = tmp_path / "values.csv"
    path.write_text("x,y\n0,0.5\n1,-1e-1\n3,2/3\n", encoding="utf-8")
    certificate = memcert.build(path, rule="within", tolerance="1/100")
    assert certificate.dataset.labels == (Fraction(1, 2), Fraction(-1, 10), Fraction(2, 3))
    for engine in ("kernel", "fast"):
        found = memcert.check(certificate, path, engine=engine)
        assert (found.rule, found.tolerance, found.whole) == ("within", Fraction(1, 100), True)
    assert memcert.prove(certificate, path).verdict == "proved"
