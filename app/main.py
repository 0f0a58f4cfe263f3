"""Composition root: the one file that knows every room of the workstation (điểm khởi chạy)."""

import sys

import click

from app.cli.root import program
from app.cli.words import say


@program.command("app", help=say("help.app"))
@click.pass_context
def window(context: click.Context) -> None:
    """Opens the counter's window."""
    from app.ui import run

    context.exit(run(context.obj))


def main() -> None:
    """Runs the command line; `sohoa app` opens the window."""
    program.main(prog_name="sohoa", args=sys.argv[1:])


if __name__ == "__main__":
    main()
