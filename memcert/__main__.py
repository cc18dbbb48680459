"""`python -m memcert`: the same as the command `memcert`."""

import sys

from memcert.cli import main

if __name__ == "__main__":
    sys.exit(main())
