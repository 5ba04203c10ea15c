"""How far a no reaches: which purposes and channels a withdrawal, refusal, objection, restriction or wrong number covers."""

from contacts.schema import CHANNEL_POINT
from privacy.policy import NO_CHANNEL, Policy

RESTRICTIONS = ("refused", "withdrawn", "objected", "restricted", "wrong_person")
"""The kinds of no, the weaker first: at the same moment the stronger gives the state."""
LIFTABLE = ("restricted", "wrong_person")
"""The kinds a notice to the person can lift again."""
ALL = "*"


def restriction_reason(policy: Policy, kind: str, said_purpose: str, said_channel: str, purpose: str, channel: str) -> str:
    """The reason code if a no of this kind covers the case, else an empty text.

    ``*`` covers everything. An objection to one marketing purpose covers all of them (GDPR art. 21(2)-(3)). A no to a
    purpose the policy does not know is never lost: it counts for every purpose that can be opted out of, a restriction for all.
    Who answers at a wrong number is somebody else for every purpose and every channel that uses the number.
    """
    if kind == "wrong_person":
        return "WRONG_PERSON" if channel != NO_CHANNEL and (said_channel == ALL or _same_kind(said_channel, channel)) else ""
    if kind not in RESTRICTIONS or said_channel not in (ALL, channel):
        return ""
    known = said_purpose in policy.purposes
    same = said_purpose in (ALL, purpose)
    if kind == "restricted":
        return "RESTRICTED" if same or not known else ""
    if kind == "objected" and not same and policy.purposes[purpose].marketing and (not known or policy.purposes[said_purpose].marketing):
        return "OBJECTED_TO_MARKETING"
    return kind.upper() if same or (not known and policy.purposes[purpose].opt_out) else ""


def _same_kind(said: str, channel: str) -> bool:
    return CHANNEL_POINT.get(said) == CHANNEL_POINT[channel]
