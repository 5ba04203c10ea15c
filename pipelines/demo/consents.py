"""What people allowed and took back, as the sources hold it: form answers with text and version, tick boxes without any proof."""

from functools import cache
from itertools import product
from typing import Any

import numpy as np

from pipelines.demo.draw import Columns, Days, Flags, Ints, document

ASKED = (("newsletter", "email"), ("newsletter", "whatsapp"), ("partner_offers", "email"), ("partner_offers", "phone"))


@cache
def versions() -> tuple[tuple[str, np.datetime64], ...]:
    """The versions of the form's texts with the day each began, oldest first."""
    began = {row["version"]: np.datetime64(str(row["from"])) for row in document("consent_texts")}
    return tuple(sorted(began.items(), key=lambda item: item[1]))


@cache
def answer(version: str, checked: tuple[bool, ...]) -> list[dict[str, Any]]:
    """The form's ``consents`` for one version and one set of ticks in the order of ASKED; an unknown version has no text (pre-ticked box)."""
    text = {(row["version"], row["purpose"], row["channel"]): row["text"] for row in document("consent_texts")}
    return [
        {"purpose": purpose, "channel": channel, "text": text.get((version, purpose, channel), ""), "version": version, "checked": tick}
        for (purpose, channel), tick in zip(ASKED, checked, strict=True)
    ]


def form_consents(rng: np.random.Generator, submitted: Days, second: Flags) -> list[list[dict[str, Any]]]:
    """One list per submission: empty where the form did not ask; all boxes empty where a person came back to withdraw."""
    count = len(submitted)
    rates = document("rates")["consent"]
    shown = np.zeros(count, dtype=np.int64)
    for place, (_, began) in enumerate(versions()):
        shown[submitted >= began] = place
    ticks = [rng.random(count) < rates["form_checked"][f"{purpose}/{channel}"] for purpose, channel in ASKED]
    code = sum(tick.astype(np.int64) << place for place, tick in enumerate(ticks))
    code = np.where(second & (rng.random(count) < rates["form_withdrawn_later"]), 0, code)
    asked = rng.random(count) < rates["form_asked"]
    ticked = rng.random(count) < rates["form_without_text"]
    sets = [tuple(bool(number >> place & 1) for place in range(len(ASKED))) for number in range(1 << len(ASKED))]
    plain = {(place, number): answer(version, sets[number]) for (place, (version, _)), number in product(enumerate(versions()), range(len(sets)))}
    everything = answer("", (True,) * len(ASKED))
    return [
        everything if blind else plain[place, number] if ask else []
        for blind, ask, place, number in zip(ticked.tolist(), asked.tolist(), shown.tolist(), code.tolist(), strict=True)
    ]


def marketing_consents(rng: np.random.Generator, created: Days, changed: Days) -> Columns:
    """Newsletter opt-in with or without its proof (date, text version, method), and the opt-out flag."""
    count = len(created)
    rates = document("rates")["consent"]
    opted = rng.random(count) < rates["marketing_opt_in"]
    proven = opted & (rng.random(count) < rates["marketing_opt_in_proven"])
    out = rng.random(count) < rates["marketing_opt_out"]
    silent = rng.random(count) < 0.6
    at = (created + ((changed - created).astype(np.int64) * rng.random(count)).astype("timedelta64[s]")).astype("datetime64[s]")
    at[~proven] = np.datetime64("NaT")
    shown = np.zeros(count, dtype=np.int64)
    for place, (_, began) in enumerate(versions()):
        shown[at >= began] = place
    names = [version for version, _ in versions()]
    methods = ("double_opt_in", "landing_page", "checkout")
    method: Ints = rng.integers(0, len(methods), count)
    return {
        "newsletter_optin": ["true" if yes else "" for yes in opted.tolist()],
        "at": at,
        "version": [names[place] if yes else "" for place, yes in zip(shown.tolist(), proven.tolist(), strict=True)],
        "method": [methods[place] if yes else "" for place, yes in zip(method.tolist(), proven.tolist(), strict=True)],
        "optout": ["true" if yes else "" if quiet else "false" for yes, quiet in zip(out.tolist(), silent.tolist(), strict=True)],
    }
