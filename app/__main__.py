"""Entry of the `assent` command."""

import sys

from app.cli import main as run


def main() -> None:
    """Hand the command line over and exit with its status."""
    sys.exit(run())


if __name__ == "__main__":
    main()
