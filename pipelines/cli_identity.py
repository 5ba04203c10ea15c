"""The commands on who is who: `lastro review`, `judge`, `merge`, `unmerge`, `move`, `undo` and `linkage …`; imports nothing heavy before one runs."""

from pathlib import Path
from typing import Annotated

import typer

from contacts.errors import ConfigurationError
from pipelines.cli_quality import By, Json

undo_app = typer.Typer(help="Take back a judgement, or a merge, unmerge or move.", no_args_is_help=True, rich_markup_mode=None)

Person = Annotated[str, typer.Argument(help="P-…, a record id, or source/object/key of one of the person's records.")]
Record = Annotated[str, typer.Argument(help="A record id, or source/object/key.")]
Because = Annotated[str, typer.Option(metavar="REASON-CODE", help="Why, as a code of docs/reference/reasons.md (Judgements).")]
WhyUndone = Annotated[str, typer.Option("--because", metavar="REASON-CODE", help="MISTAKE or NEW_INFORMATION.")]
NO_FILE = Path()


def review(
    most: Annotated[int, typer.Option(min=1, help="How many pairs.")] = 10,
    by: Annotated[str, typer.Option(help="Judge pair by pair, as this role or staff id; without it the pairs are only listed.")] = "",
    export: Annotated[Path, typer.Option("--export", metavar="FILE", help="Write the pairs to a CSV file to fill in, readable by you only.")] = NO_FILE,
    take_in: Annotated[Path, typer.Option("--import", metavar="FILE", help="Record the judgements filled in there, all or none.")] = NO_FILE,
    sample: Annotated[int, typer.Option(min=0, max=5_000, metavar="N", help="Draw N pairs over the whole range of scores, for `lastro linkage evaluate`.")] = 0,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Same seed on the same data, same sample.")] = 1,
    from_sample: Annotated[bool, typer.Option("--from-sample", help="Take the pairs of the newest sample instead of the most useful ones.")] = False,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show values unmasked; the ledger records it.")] = False,
    as_json: Json = False,
) -> None:
    """Pairs that need a person's judgement, the most useful first: list them, judge them one by one, or by a file."""
    from pipelines import linkage_quality, review_file, reviewing

    if sum((export != NO_FILE, take_in != NO_FILE, sample > 0)) > 1:
        raise ConfigurationError("--export, --import and --sample are three different things.", "Give one of them.")
    if sample:
        linkage_quality.sample(sample, seed, by, as_json)
    elif export != NO_FILE:
        review_file.export(export, most, reveal, from_sample, as_json)
    elif take_in != NO_FILE:
        review_file.take_in(take_in, by, as_json)
    elif by:
        reviewing.session(most, reveal, from_sample, by, as_json)
    else:
        reviewing.listing(most, reveal, from_sample, as_json)


def judge(
    record_a: Annotated[int, typer.Argument(min=0, max=2**63 - 1, help="Record id, from `lastro review`.")],
    record_b: Annotated[int, typer.Argument(min=0, max=2**63 - 1, help="The other record id.")],
    verdict: Annotated[str, typer.Argument(help="same, different or unsure.")],
    by: By,
    because: Because = "AS_SHOWN",
    as_json: Json = False,
) -> None:
    """Judge a pair; from the next `link` on the judgement overrides the score."""
    from pipelines import judging

    judging.judge(record_a, record_b, verdict, because, by, as_json)


def merge(person_a: Person, person_b: Person, by: By, because: Because, as_json: Json = False) -> None:
    """Make one person of two, from the next `link` on; the older id lives on, and permissions never widen."""
    from pipelines import acting

    acting.merge(person_a, person_b, because, by, as_json)


def unmerge(
    person: Person,
    record: Annotated[list[str], typer.Argument(help="The records that are somebody else's: record ids, or source/object/key.")],
    by: By,
    because: Because,
    as_json: Json = False,
) -> None:
    """Take records out of a person, from the next `link` on."""
    from pipelines import acting

    acting.unmerge(person, record, because, by, as_json)


def move(record: Record, person: Person, by: By, because: Because, as_json: Json = False) -> None:
    """Take a record out of its person and give it to another, from the next `link` on."""
    from pipelines import acting

    acting.move(record, person, because, by, as_json)


@undo_app.command("act")
def undo_act(
    number: Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="Number of the merge, unmerge or move.")],
    by: By,
    because: WhyUndone = "MISTAKE",
    as_json: Json = False,
) -> None:
    """Take an act back: every record gets the person it had before; of acts on the same records the last one first."""
    from pipelines import acting

    acting.undo(number, because, by, as_json)


@undo_app.command("judgement")
def undo_judgement(
    number: Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="Number of the judgement.")], by: By, because: WhyUndone = "MISTAKE", as_json: Json = False
) -> None:
    """Take a judgement back: what was there before counts again."""
    from pipelines import judging

    judging.undo(number, because, by, as_json)
