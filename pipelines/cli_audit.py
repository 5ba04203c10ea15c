"""The commands of an audit of accuracy: `lastro audit …`; imports nothing heavy before one of them runs."""

from typing import Annotated

import typer

from pipelines.cli_quality import By, Json

audit_app = typer.Typer(help="Compare a sample of golden values with the world, and sign what was seen.", no_args_is_help=True, rich_markup_mode=None)


@audit_app.command("draw")
def audit_draw(
    by: By,
    size: Annotated[int, typer.Option(min=1, max=10_000, help="How many values.")] = 60,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Same seed and same values, same sample.")] = 1,
    as_json: Json = False,
) -> None:
    """Draw golden values to compare with the world, more often where the risk is."""
    from pipelines import auditing

    auditing.draw(size, seed, by, as_json)


@audit_app.command("list")
def audit_list(
    reveal: Annotated[bool, typer.Option("--reveal", help="Show values unmasked; the ledger records it.")] = False,
    as_json: Json = False,
) -> None:
    """List what the newest audit still asks, and what it found so far."""
    from pipelines import auditing

    auditing.listing(reveal, as_json)


@audit_app.command("judge")
def audit_judge(
    item: Annotated[int, typer.Argument(min=1, max=10_000, help="Number of the item, from `lastro audit list`.")],
    verdict: Annotated[str, typer.Argument(help="right, wrong or unknown.")],
    by: By,
    as_json: Json = False,
) -> None:
    """Say whether one value is true; it may be said again until the audit is signed."""
    from pipelines import auditing

    auditing.judge(item, verdict, by, as_json)


@audit_app.command("sign")
def audit_sign(by: By, as_json: Json = False) -> None:
    """Close the audit: nothing of it changes any more, and the report tells what it found."""
    from pipelines import auditing

    auditing.sign(by, as_json)
