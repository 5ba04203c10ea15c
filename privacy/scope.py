"""How far a no reaches: which purposes and channels a withdrawal, refusal, objection or restriction covers."""

from privacy.policy import Policy

RESTRICTIONS = ("refused", "withdrawn", "objected", "restricted")
"""The kinds of no, the weaker first: at the same moment the stronger gives the state."""
ALL = "*"


def restriction_reason(policy: Policy, kind: str, said_purpose: str, said_channel: str, purpose: str, channel: str) -> str:
    """The reason code if a no of this kind covers the case, else an empty text.

    ``*`` covers everything. An objection to one marketing purpose covers all of them (GDPR art. 21(2)-(3)). A no to a
    purpose the policy does not know is never lost: it counts for every purpose that can be opted out of, a restriction for all.
    """
    if kind not in RESTRICTIONS or said_channel not in (ALL, channel):
        return ""
    known = said_purpose in policy.purposes
    same = said_purpose in (ALL, purpose)
    if kind == "restricted":
        return "RESTRICTED" if same or not known else ""
    if kind == "objected" and not same and policy.purposes[purpose].marketing and (not known or policy.purposes[said_purpose].marketing):
        return "OBJECTED_TO_MARKETING"
    return kind.upper() if same or (not known and policy.purposes[purpose].opt_out) else ""
