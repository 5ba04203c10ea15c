"""The words and thresholds rules are written with, each with its meaning."""

from contacts.schema import CHANNELS
from contacts.values.email_domain import FREE
from contacts.values.reading import table
from expectations.conditions import InSet, NotNull

# ── thresholds of the gate ────────────────────────────────────────────────────────────────────────
AMBER_QUARANTINED_SHARE = 0.05
"""More than this share of all contacts in quarantine asks for a person's approval."""
AMBER_REFUSED_ROWS_SHARE = 0.01
"""More than this share of one delivery's rows refused asks for a person's approval; so does any refused file or missing page."""
HALT_USABLE_SHARE = 0.5
"""A source with fewer usable records than this was not read the way it was meant."""
HALT_INTACT_SHARE = 0.7
"""A source with fewer intact names than this was read in the wrong encoding."""
HALT_CONSENT_SHARE = 0.9
"""A source with fewer readable consent cells than this changed their shape: what cannot be read may be a no."""

# ── thresholds of rules ───────────────────────────────────────────────────────────────────────────
NAMES_PER_EMAIL = 2
"""A couple may share an address; more first names than this make it an office's or a family's, not a person's."""
NAMES_PER_PHONE = 3
"""A household may share a telephone; more first names than this make it a switchboard."""
NAMES_PER_STOPGAP = 20
"""What more first names than this give as their own is what staff type to get past a form."""
OLDEST_AGE = 115
"""Nobody in the contact base is older (years)."""
ADULT_AGE = 18
"""Below it LGPD art. 14 asks for the best interest of the minor and, for children, a parent's consent."""
STALE_YEARS = 5
"""Nothing heard from the source for longer than this: ask again before relying on it."""
VERIFIED_YEARS = 2
"""A contact point confirmed longer ago than this is confirmed no more: numbers are given to new owners."""
CONSENT_YEARS = 2
"""A consent older than this is asked anew at the next contact, whatever the policy still allows."""
OPEN_YEARS = 1
"""A request open for longer than this was forgotten, not worked on."""

# ── words ─────────────────────────────────────────────────────────────────────────────────────────
HOME = "BR"
"""The country whose forms hold for a record that names none."""
UFS = (
    "AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI", "PR", "RJ", "RN", "RO", "RR", "RS", "SC",
    "SE", "SP", "TO",
)  # fmt: skip
CAPITALS = tuple(table("uf")["capital"])
"""Towns that certainly have a postal code per street."""
E164 = r"\+[1-9][0-9]{6,14}"
IN_PLAN = r"\+(?:55[1-9][1-9](?:9[0-9]{8}|[2-5][0-9]{7})|(?:[1-46-9]|5[0-46-9])[0-9]+)"
"""Area code and eight digits of a landline or nine of a mobile behind +55; numbers of other countries as they are."""
EMAIL = r"[^@\x00-\x20\x7f]{1,64}@(?:[^@.\x00-\x20\x7f]+\.)+[^@.\x00-\x20\x7f]{2,63}"
CPF_INSIDE = r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}"
CONTACT_INSIDE = r"[^ @]@[^ @]|\(?[1-9][1-9]\)? ?9?[0-9]{4}-[0-9]{4}"
CEP_OF_STREET = r"[0-9]{5}(?:[1-9][0-9]{2}|0[1-9][0-9]|00[1-9])"
FREE_PROVIDERS = tuple(sorted(FREE))
USABLE = ("ok", "fixed", "suggested")
INTERACTION_CHANNELS = (*CHANNELS, "web", "chat", "api", "social", "store", "event", "voice_assistant")
OPEN = ("new", "open", "pending", "hold")

NAMES = ("full_name", "social_name", "company")
REACHES = ("email", "phone", "postal_address")
GO_BY = ("email", "phone", "street", "cpf", "cnpj", "birth_date")
"""A bare name tells nobody from their namesakes; with any of these beside it a record can be linked or reached."""

# ── why standardising refused a value ─────────────────────────────────────────────────────────────
DOCUMENT_REFUSED = (
    "CHECK_DIGITS", "CNPJ_IN_CPF", "CPF_IN_CNPJ", "INVALID_CHARACTERS", "MASKED_AT_SOURCE", "NUMERIC_LOSS", "PLACEHOLDER", "TOO_LONG", "WRONG_LENGTH",
)  # fmt: skip
CEP_REFUSED = ("INVALID_CHARACTERS", "LOST_ZEROS", "PLACEHOLDER", "TOO_LONG", "UNKNOWN_POSTAL_CODE", "WRONG_LENGTH")
DATE_REFUSED = ("DATE_ORDER_UNDECIDED", "FUTURE_DATE", "INVALID_DATE", "PLACEHOLDER", "TOO_LONG", "TOO_OLD", "UNREADABLE_DATE")
NAME_REFUSED = ("DIGITS_IN_NAME", "NOT_A_NAME", "TOO_LONG", "UNREADABLE")
PLACE_REFUSED = ("CHAR_LOSS", "NOT_A_CITY", "NOT_A_STREET", "PLACEHOLDER", "TOO_LONG", "UNKNOWN_CITY", "UNREADABLE")
COUNTRY_REFUSED = ("PLACEHOLDER", "TOO_LONG", "UNKNOWN_COUNTRY", "UNREADABLE")
LANGUAGE_REFUSED = ("PLACEHOLDER", "TOO_LONG", "UNKNOWN_LANGUAGE", "UNREADABLE")

# ── which rows ────────────────────────────────────────────────────────────────────────────────────
PERSON = InSet("kind", ("person",))
ORGANISATION = InSet("kind", ("organisation",))
BRAZIL = InSet("place", (HOME,))
IS_EMAIL = InSet("type", ("email",))
IS_PHONE = InSet("type", ("phone",))
IS_USABLE = InSet("status", USABLE)
HAS_STREET = NotNull("street")
GRANTED = InSet("type", ("granted",))
BY_POINT = InSet("channel", ("email", "phone", "sms", "whatsapp"))
BY_MOBILE = InSet("channel", ("sms", "whatsapp"))
BY_POST = InSet("channel", ("post",))
IS_OPEN = InSet("status", OPEN)
