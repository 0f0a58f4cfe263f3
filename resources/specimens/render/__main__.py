"""`python -m resources.specimens.render FOLDER` writes the demo paper stack into FOLDER."""

import sys
from pathlib import Path

from resources.specimens.render.demo import write


def main(arguments: list[str]) -> int:
    """Write the stack into the one folder named; 2 when called otherwise."""
    if len(arguments) != 1:
        sys.stderr.write("python -m resources.specimens.render FOLDER\n")
        return 2
    for file in write(Path(arguments[0])):
        sys.stdout.write(f"{file.name} {file.stat().st_size}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
