"""Entry point of `python -m dmcore`, the same as the command `dmcore`."""

import sys

from dmcore.cli import main

if __name__ == "__main__":
    sys.exit(main())
