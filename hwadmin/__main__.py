"""The command ``hwadmin``: loads what it needs, and runs what ``hwadmin.cli.program`` offers."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command of the command line and end the process."""
    # What is loaded stays: looking through it for garbage again and again would take a sixth of the start.
    gc.disable()
    from hwadmin.cli.program import run
    from hwadmin.factory import create_app

    gc.freeze()
    gc.enable()
    run(create_app)


if __name__ == "__main__":
    main()
