"""`sohoa doctor`: is everything there that the work needs (chẩn đoán)."""

import dataclasses
import json

import click
from rich.text import Text

from app.cli.outcome import FAULT_OF_THE_WORLD, terminal
from app.cli.words import say
from app.settings import Settings


@click.command(help=say("help.doctor"))
@click.option("--json", "as_json", is_flag=True, help=say("help.json"))
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Examines every part that the work needs; exit code 1 when one is missing."""
    from app.workflow.doctor import examine

    settings: Settings = context.obj
    findings = []
    for finding in examine(settings):
        findings.append(finding)
        mark, colour = {"good": ("✓", "green"), "advice": ("•", "yellow"), "bad": ("✗", "red")}[finding.state]
        if not as_json:
            head = Text.assemble((f"{mark} ", colour), (say(f"doctor.{finding.subject}"), "bold"))
            terminal.print(head, Text(finding.seen))
            if finding.cure:
                terminal.print(Text(f"  → {say(finding.cure, **finding.facts)}"))
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        **dataclasses.asdict(finding),
                        "cure": say(finding.cure, **finding.facts) if finding.cure else None,
                    }
                    for finding in findings
                ],
                ensure_ascii=False,
                indent=2,
            )
        )
    if any(finding.state == "bad" for finding in findings):
        context.exit(FAULT_OF_THE_WORLD)
