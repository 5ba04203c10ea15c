"""The policy as an officer signs it: which purpose reads which field, on which ground, by which channel, for how long, and who gets it."""

import csv
import io

from contacts.schema import FIELDS, HOUSEHOLD
from privacy.policy import CONTACT_VALUE, Policy

YES, NO = "x", ""
HEADS = {
    "pt": {"field": "campo", "contact": "contato (e-mail, telefone)", "purpose": "finalidade", "channels": "canais", "keeps": "prazo", "who": "destinatários",
           "minors": "menores", "title": "Matriz de finalidades e campos", "version": "versão", "digest": "SHA-256 do conteúdo",
           "signed": "Encarregado(a)", "signature": "assinatura e data", "texts": "textos livres (anonimizados)",
           "household": "domicílio (quem mora junto)"},
    "en": {"field": "field", "contact": "contact point (e-mail, phone)", "purpose": "purpose", "channels": "channels", "keeps": "kept", "who": "recipients",
           "minors": "minors", "title": "Matrix of purposes and fields", "version": "version", "digest": "SHA-256 of the content",
           "signed": "Data protection officer", "signature": "signature and date", "texts": "free texts (redacted)",
           "household": "household (who lives together)"},
}  # fmt: skip


def purposes(policy: Policy, language: str) -> list[dict[str, str]]:
    """One row per purpose: grounds and articles under both laws, channels, recipients, retention, minors."""
    heads = HEADS[language]
    return [
        {
            heads["purpose"]: f"{getattr(purpose.title, language)} ({code})",
            "LGPD": purpose.lgpd.article + (f"; {purpose.sensitive.lgpd}" if purpose.sensitive else ""),
            "GDPR": purpose.gdpr.article + (f"; {purpose.sensitive.gdpr}" if purpose.sensitive else ""),
            heads["channels"]: ", ".join(purpose.channels) or "–",
            heads["who"]: ", ".join(_recipient(policy, name) for name, consumer in policy.consumers.items() if code in consumer.purposes) or "–",
            heads["keeps"]: f"{getattr(purpose.retention, language)} [{purpose.retention.source}]",
            heads["minors"]: purpose.minors,
        }
        for code, purpose in policy.purposes.items()
    ]


def fields(policy: Policy, language: str) -> list[dict[str, str]]:
    """One row per field some purpose reads, one column per purpose; a cross where it may."""
    heads, label = HEADS[language], f"label_{'pt' if language == 'pt' else 'en'}"
    known = [(field.name, getattr(field, label)) for field in FIELDS if not field.many] + [(HOUSEHOLD, heads["household"]), (CONTACT_VALUE, heads["contact"])]
    rows = [
        {heads["field"]: name_in_words} | {code: YES if name in purpose.fields else NO for code, purpose in policy.purposes.items()}
        for name, name_in_words in known
        if any(name in purpose.fields for purpose in policy.purposes.values())
    ]
    return [*rows, {heads["field"]: heads["texts"]} | {code: YES if purpose.texts else NO for code, purpose in policy.purposes.items()}]


def as_csv(policy: Policy, language: str) -> str:
    """The field matrix as CSV, the policy's hash in its first line."""
    rows, target = fields(policy, language), io.StringIO()
    target.write(f"# {policy.policy_version} sha256={policy.digest}\n")
    writer = csv.DictWriter(target, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def as_text(policy: Policy, language: str) -> str:
    """Both tables as plain text with a place to sign, for print."""
    heads = HEADS[language]
    lines = [heads["title"], policy.controller.name, f"{heads['version']}: {policy.policy_version}", f"{heads['digest']}: {policy.digest}", ""]
    for row in purposes(policy, language):
        lines += [f"{name}: {value}" for name, value in row.items()] + [""]
    rows = fields(policy, language)
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in rows[0]}
    lines += ["  ".join(name.ljust(width) for name, width in widths.items()).rstrip()]
    lines += ["  ".join(row[name].center(width) if row[name] == YES else row[name].ljust(width) for name, width in widths.items()).rstrip() for row in rows]
    return "\n".join([*lines, "", f"{heads['signed']}: {policy.officer.name}", f"{heads['signature']}: ______________________________", ""])


def _recipient(policy: Policy, name: str) -> str:
    consumer = policy.consumers[name]
    way = f", {consumer.transfer.mechanism}" if consumer.transfer else ""
    return f"{name} ({consumer.country}{way})"
