"""Write the corrupted certificates beside this file: `python tests/corrupted/make.py`.

Each is one edit of a true certificate of five points (bases.py); NAME.expected says how it is refused.
"""

from pathlib import Path

from attacks import Attack
from hostile import HOSTILE, LONG
from unproved import UNPROVED
from untrue import UNTRUE
from wrong_form import WRONG_FORM

FOLDER = Path(__file__).parent
CORPUS: dict[str, list[Attack]] = {"malformed": WRONG_FORM, "false": [*UNTRUE, *UNPROVED], "hostile": HOSTILE}


def files() -> dict[str, bytes]:
    """Return the content of every file of the corpus, by its path below this folder."""
    made: dict[str, bytes] = {}
    for folder, attacks in CORPUS.items():
        for attack in attacks:
            place = f"{folder}/{attack.name}"
            if f"{place}.expected" in made:
                raise ValueError(f"two attacks are called {place}")
            made[f"{place}.expected"] = attack.expected().encode()
            if not (folder == "hostile" and attack.name in LONG):
                made[f"{place}.{attack.suffix}"] = attack.content()
            if attack.data is not None:
                made[f"{place}.data"] = attack.data.encode()
    return made


def main() -> None:
    """Write all files; what is there besides is removed."""
    made = files()
    for folder in CORPUS:
        (FOLDER / folder).mkdir(exist_ok=True)
        for path in (FOLDER / folder).iterdir():
            if f"{folder}/{path.name}" not in made:
                path.unlink()
    for place, content in made.items():
        (FOLDER / place).write_bytes(content)


if __name__ == "__main__":
    main()
