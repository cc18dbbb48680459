"""Data that ship with memcert: handwritten digits, ready for a first try.

`digits.csv.gz`: the test set of Optical Recognition of Handwritten Digits as scikit-learn
distributes it: 1,797 images of 8 x 8 pixels from 0 to 16, row by row, and which digit each shows
(column `label`). E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
Learning Repository, 1998, https://doi.org/10.24432/C50P49, licensed CC BY 4.0
(https://creativecommons.org/licenses/by/4.0/); the values are unchanged, the column names added.
"""

from pathlib import Path


def digits_path() -> Path:
    """Return where the shipped data set lies: 1,797 rows, 64 coordinates, ten labels. Raises: never."""
    return Path(__file__).parent / "digits.csv.gz"
