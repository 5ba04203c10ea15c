"""The ticket system's users and tickets as Zendesk's cursor export delivers them."""

from typing import Any

import numpy as np

from pipelines.demo import wording
from pipelines.demo.draw import AS_OF, Columns, Days, Ints, document, pick, stream, texts
from pipelines.demo.identifiers import masked_cpf
from pipelines.demo.people import People
from pipelines.demo.records import one_name, stamps, unique_emails

USER_FIELDS = (
    "id", "name", "email", "phone", "shared_phone_number", "locale", "time_zone", "role", "active", "external_id", "user_fields", "notes",
    "created_at", "updated_at",
)  # fmt: skip
TICKET_FIELDS = (
    "id", "requester_id", "subject", "description", "via", "status", "priority", "tags", "created_at", "updated_at", "generated_timestamp",
)  # fmt: skip
LOCALE = {"BR": "pt-BR", "PT": "pt-PT", "ES": "es-ES", "DE": "de", "FR": "fr", "IT": "it"}
ZONE = {"BR": "Brasilia", "PT": "Lisbon", "ES": "Madrid", "DE": "Berlin", "FR": "Paris", "IT": "Rome"}
CHANNELS = {"web": 35, "email": 25, "whatsapp": 20, "chat": 12, "voice": 6, "api": 2}
STATUS = {"closed": 50, "solved": 25, "open": 12, "pending": 9, "new": 4}
PRIORITY = {None: 30, "normal": 45, "low": 10, "high": 12, "urgent": 3}
TAGS: tuple[list[str], ...] = ([], ["entrega"], ["troca"], ["financeiro"], ["cadastro"], ["site", "app"])
MONTHS = 548
WEEKDAYS = (1.25, 1.15, 1.05, 1.0, 1.0, 0.55, 0.35)
CAMPAIGN = (np.datetime64("2025-11-24"), np.datetime64("2025-12-05"), 2.6)


def key(number: int) -> int:
    """A user id."""
    return 360_000_000_001 + 2 * number


def ticket_key(number: int) -> int:
    """A ticket id."""
    return 1_001 + number


def user(values: dict[str, Any]) -> dict[str, Any]:
    """One user with all fields; what is not given is null or an end user's default."""
    base = {"shared_phone_number": False, "locale": "pt-BR", "time_zone": "Brasilia", "role": "end-user", "active": True, "user_fields": {"cpf": None}}
    return dict.fromkeys(USER_FIELDS) | base | values


def ticket(values: dict[str, Any]) -> dict[str, Any]:
    """One ticket with all fields."""
    return dict.fromkeys(TICKET_FIELDS) | {"via": {"channel": "web"}, "status": "solved", "priority": "normal", "tags": []} | values


def tickets(people: People, rows: Columns, per_user: Ints, first_user: int, first: int, seed: int, block: int) -> tuple[list[dict[str, Any]], Days]:
    """The block's tickets, oldest first, and for each user the time of the first (NaT without any)."""
    rng = stream(seed, block, "tickets")
    requester = np.repeat(np.arange(len(per_user)), per_user)
    created = _arrivals(rng, len(requester))
    order = np.argsort(created, kind="stable")
    requester, created = requester[order], created[order]
    count = len(requester)
    earliest = np.full(len(per_user), np.datetime64("NaT"), dtype="datetime64[s]")
    np.fmin.at(earliest, requester, created)
    filled = wording.slots(rng, people, rows["person"][requester])
    subject, description = wording.tickets(rng, filled, rng.random(count) < document("rates")["text"]["personal_data"])
    changed = np.minimum(created + (rng.exponential(3 * 86_400, count)).astype("timedelta64[s]"), AS_OF.astype("datetime64[s]"))
    drawn = {
        name: [list(table)[place] for place in pick(rng, list(table.values()), count)]
        for name, table in (("via", CHANNELS), ("status", STATUS), ("priority", PRIORITY))
    }
    tags = [TAGS[place] for place in rng.integers(0, len(TAGS), count).tolist()]
    columns = (
        range(ticket_key(first), ticket_key(first + count)), [key(first_user + place) for place in requester.tolist()], subject, description,
        [{"channel": name} for name in drawn["via"]], drawn["status"], drawn["priority"], tags,
        stamps(created), stamps(changed), changed.astype(np.int64).tolist(),
    )  # fmt: skip
    return [dict(zip(TICKET_FIELDS, row, strict=True)) for row in zip(*columns, strict=True)], earliest


def _arrivals(rng: np.random.Generator, count: int) -> Days:
    """Eighteen months of arrivals: a week's rhythm, office hours, one campaign peak, slow growth."""
    calendar = AS_OF - np.arange(MONTHS, 0, -1)
    weekday = (calendar.astype(np.int64) + 3) % 7
    weight = np.array(WEEKDAYS)[weekday] * np.linspace(0.85, 1.15, MONTHS)
    weight[(calendar >= CAMPAIGN[0]) & (calendar <= CAMPAIGN[1])] *= CAMPAIGN[2]
    return calendar[pick(rng, weight, count)] + (rng.triangular(7, 13, 23, count) * 3_600).astype("timedelta64[s]")


def users(people: People, rows: Columns, earliest: Days, first: int, seed: int, block: int) -> list[dict[str, Any]]:
    """The users of a block; nobody is younger than their first ticket."""
    rng = stream(seed, block, "users")
    rates = document("rates")
    count = len(rows["person"])
    unique_emails(rows)
    created = np.fmin(rows["created"].astype("datetime64[s]"), earliest)
    changed = np.maximum(rows["changed"].astype("datetime64[s]"), created)
    filled = wording.slots(rng, people, rows["person"])
    note = wording.notes(rng, filled, rng.random(count) < 0.2, rng.random(count) < rates["text"]["user_note"])
    shared = rows["mobile"] == ""
    phone = texts([landline if only else mobile for landline, mobile, only in zip(rows["landline"], rows["mobile"], shared.tolist(), strict=True)])
    masked = rng.random(count) < rates["cpf"]["masked"]
    cpf = [
        {"cpf": (masked_cpf(number) if mask else number) or None} if number else {"cpf": None}
        for number, mask in zip(rows["cpf"], masked.tolist(), strict=True)
    ]
    external = texts([f"ext-{person}" for person in rng.integers(10**5, 10**7, count).tolist()])
    external[rng.random(count) < 0.7] = ""
    name = one_name(rng, rows, rates["name"]["swapped"])
    columns = (
        range(key(first), key(first + count), 2), name, [value or None for value in rows["email"]], [value or None for value in phone],
        (shared & (phone != "")).tolist(), [LOCALE[code] for code in rows["country"]], [ZONE[code] for code in rows["country"]], ["end-user"] * count,
        (rng.random(count) < 0.985).tolist(), [value or None for value in external], cpf, [value or None for value in note], stamps(created), stamps(changed),
    )  # fmt: skip
    return [dict(zip(USER_FIELDS, row, strict=True)) for row in zip(*columns, strict=True)]
