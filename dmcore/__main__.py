"""`python -m dmcore`, the same as `dmcore`."""

import sys

from dmcore.cli import main

if __name__ == "__main__":
    sys.exit(main())
