"""Every policy that decided something is kept whole, so that its decisions can be made again; a ground is never changed in silence."""

import json
from datetime import date, datetime

from contacts import tables
from contacts.canonical import canonical_json
from contacts.errors import ConfigurationError
from contacts.model import instant
from contacts.warehouse import Transaction
from privacy.policy import Policy
from privacy.purpose import Purpose

SAID_NO = ("withdrawn", "objected", "refused")


def record(db: Transaction, policy: Policy, batch_no: int) -> None:
    """Keep the policy with the first batch that decided under it."""
    if not db.count(tables.policy_version, tables.policy_version.c.policy_version == policy.policy_version):
        row = {
            "policy_version": policy.policy_version,
            "digest": policy.digest,
            "content": canonical_json(policy.model_dump(mode="json")),
            "batch_no": batch_no,
        }
        db.append(tables.policy_version, [row])


def policy_at(db: Transaction, moment: datetime) -> Policy | None:
    """The policy that decided last at a moment; None when nothing had been decided yet."""
    batches = db.read(tables.batch, "number", "as_of", where=tables.batch.c.as_of <= instant(moment))
    known = db.read(tables.policy_version)
    known = known[known["batch_no"].isin(batches["number"])].sort_values(["batch_no", "policy_version"])
    return Policy.model_validate(json.loads(known["content"].iloc[-1])) if len(known) else None


def check_basis_changes(db: Transaction, policy: Policy, number: int) -> None:
    """Refuse a purpose that rests on another ground than before although people said no to it (LGPD art. 8 §6, 9 §2; GDPR art. 5(1)(b), 13(3)).

    It takes a ``basis_change`` with its notice, made since the earlier policy, and for legitimate interest a balancing test as new.
    Raises ConfigurationError naming the purpose. What the people said goes on counting either way.
    """
    before = db.read(tables.policy_version, where=tables.policy_version.c.batch_no < number).sort_values("batch_no")
    for content, batch_no in zip(before["content"], before["batch_no"], strict=True):
        earlier = json.loads(content)["purposes"]
        decided_on = str(db.read(tables.batch, "as_of", where=tables.batch.c.number == int(batch_no))["as_of"].iloc[0])[:10]
        for code, purpose in policy.purposes.items():
            was = {law: earlier[code][law]["ground"] for law in ("lgpd", "gdpr")} if code in earlier else None
            if was is None or was == {"lgpd": purpose.lgpd.ground, "gdpr": purpose.gdpr.ground}:
                continue
            if _answered(purpose, date.fromisoformat(decided_on)):
                continue
            event = tables.consent_event.c
            if noes := db.count(tables.consent_event, event.type.in_(SAID_NO) & event.purpose.in_([code, "*"])):
                raise ConfigurationError(
                    f"purposes.{code}: it rested on {was['lgpd']} (LGPD) and {was['gdpr']} (GDPR) in batch {batch_no}, and {noes} times people said no to it.",
                    "Another ground takes `basis_change:` with the notice to the people, and for legitimate interest a balancing test made since.",
                )


def _answered(purpose: Purpose, decided_on: date) -> bool:
    change, test = purpose.basis_change, purpose.balancing_test
    interest = "legitimate_interest" in (purpose.lgpd.ground, purpose.gdpr.ground)
    return bool(change and change.since >= decided_on and (not interest or (test and test.made >= decided_on)))
