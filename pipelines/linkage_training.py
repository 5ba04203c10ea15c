"""`lastro linkage learn`: learn the weights from all active contacts, apart from any batch; the next link stage takes them up."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contacts import ledger, tables
from contacts.canonical import canonical_json
from contacts.errors import ConfigurationError
from contacts.model import instant
from contacts.settings import Settings, load
from contacts.warehouse import Transaction, Warehouse
from pipelines import screen
from pipelines.quarantining import in_language
from pipelines.run import check_key, connect

if TYPE_CHECKING:
    from privacy.report.language import Language

SHOWN = 12
"""Weights a person is shown, those first that moved most; JSON has all that moved by a tenth of a bit."""
HEADS_PT = {
    "kind": "tipo", "records": "registros", "candidate pairs": "pares candidatos", "weights": "pesos", "expected matches": "vínculos esperados",
    "match, before": "vínculo, antes", "match, now": "vínculo, agora", "doubt, before": "dúvida, antes", "doubt, now": "dúvida, agora",
    "level": "nível", "bits before": "bits antes", "bits now": "bits agora",
}  # fmt: skip
KIND_PT = {"person": "pessoa", "organisation": "organização"}


def learn(out: Path | None, as_json: bool) -> None:
    """Learn, store, and say what is other than before; ``out`` also gets the model as JSON. Raises NothingToLearn, ConfigurationError."""
    settings = load()
    told = learn_weights(connect(settings), settings)
    if out:
        try:
            out.write_text(told["stored"], encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"The model is stored, but {out.name} cannot be written ({error.strerror}).", "Name a file in a folder you own.") from None
    told = {name: value for name, value in told.items() if name != "stored"}
    from dedup.explain import level_in_words

    pt = settings.language == "pt"
    rows = [_row(kind, told, settings.language) for kind, profile in told["profile"].items() if profile["records"]]
    moved = [
        {"kind": KIND_PT[row["kind"]] if pt else row["kind"], "level": level_in_words(row["comparison"], row["level"], not pt)}
        | {"bits before": f"{row['then']:.1f}", "bits now": f"{row['now']:.1f}"}
        for row in told["changed"]
    ]
    blocks = [
        (f"{'Treino' if pt else 'Training'} {told['training']}", in_language(rows, settings.language, HEADS_PT)),
        ("Pesos que mudaram" if pt else "Weights that moved", in_language(moved[:SHOWN], settings.language, HEADS_PT)),
    ]
    says = [_filled(kind, profile, settings.language) for kind, profile in told["profile"].items() if profile["records"]]
    screen.show(as_json, told, blocks, says + _says(told, pt), "lastro stage link   ·   lastro run   ·   lastro linkage report")


def learn_weights(warehouse: Warehouse, settings: Settings) -> dict[str, Any]:
    """``train`` in a transaction of its own, and a checkpoint of the ledger. Raises NothingToLearn, and writes nothing then."""
    with warehouse.transaction() as db:
        db.take_turn()
        check_key(db, settings)
        told = train(db, settings, datetime.now(UTC))
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    return told


def train(db: Transaction, settings: Settings, at: datetime) -> dict[str, Any]:
    """Learn from all active contacts, store the model, write the ledger.

    Returns model, training, trained_at, profile and figures as stored (``dedup.learning.learn_weights``), ``before`` (the weights in
    its place until now), ``changed`` (kind, comparison, level, bits then and now) and the ``stored`` text. The batch number of the
    stored model is 0 until a link stage takes it up. Raises NothingToLearn.
    """
    from dedup import learning
    from dedup.batch import CONTACT_COLUMNS, POINT_COLUMNS
    from dedup.linkage import load_linkage
    from pipelines.linkage_report.figures import last_model

    linkage = load_linkage(settings.linkage)
    models = db.read(tables.link_model).sort_values(["batch_no", "model_hash"], ignore_index=True)
    texts = models["parameters"].tolist()
    contacts = db.read(tables.contact, *CONTACT_COLUMNS, where=tables.contact.c.state == "active")
    points = db.read(tables.contact_point, *POINT_COLUMNS, where=tables.contact_point.c.point_ref.is_not(None))
    before = learning.serving(linkage, texts)
    model = learning.learn_weights(linkage, contacts, points, texts) | {"trained_at": instant(at)}
    text = json.dumps(json.loads(canonical_json(model)), indent=2, sort_keys=True) + "\n"
    name = learning.model_hash(text)
    in_use = models[models["batch_no"] > 0].tail(1)  # the same weights learned again stay in use, so no pair is worked out anew
    since = int(in_use["batch_no"].iloc[0]) if in_use["model_hash"].eq(name).any() else 0
    db.upsert(tables.link_model, [{"model_hash": name, "batch_no": since, "parameters": text}])
    known = {"model": name, "training": model["training"], "trained_at": model["trained_at"]}
    detail = known | {"linkage": model["linkage"], "before": learning.model_hash(before), "profile": model["profile"], "figures": model["figures"]}
    ledger.append(db, "linkage.learn", "pipeline", db.maximum(tables.batch, "number"), detail)
    earlier = {"model": learning.model_hash(before), "training": learning.training_no(before), "trained": learning.is_trained(before)}
    changed = last_model(linkage, [model["kinds"], json.loads(before)["kinds"]], "") or {"rows": []}
    return known | {"before": earlier} | {part: model[part] for part in ("profile", "figures")} | {"changed": changed["rows"], "stored": text}


def _words(language: str) -> "Language":
    from pipelines.linkage_report.page import HERE
    from privacy.report.language import load as words

    return words(language, HERE)


def _filled(kind: str, profile: dict[str, Any], language: str) -> str:
    """How many of the records of a kind have each compared field."""
    words, pt = _words(language), language == "pt"
    shares = ", ".join(f"{words.word('comparison', name)} {words.share(n, profile['records'])}" for name, n in profile["filled"].items())
    return f"{'Preenchidos' if pt else 'Filled'} ({KIND_PT[kind] if pt else kind}): {shares}."


def _row(kind: str, told: dict[str, Any], language: str) -> dict[str, Any]:
    pt = language == "pt"
    profile, figures = told["profile"][kind], told["figures"][kind]
    weights = "treinados" if pt else "learned"
    if not figures["learned"]:
        weights = f"{'os de antes' if pt else 'as before'} ({_words(language).word('reason', figures['reason'])})"
    return {
        "kind": KIND_PT[kind] if pt else kind, "records": profile["records"], "candidate pairs": profile["candidate_pairs"], "weights": weights,
        "expected matches": figures["expected_matches"], "match, before": figures["before"]["from_match"], "match, now": figures["now"]["from_match"],
        "doubt, before": figures["before"]["from_unsure"] - figures["before"]["from_match"],
        "doubt, now": figures["now"]["from_unsure"] - figures["now"]["from_match"],
    }  # fmt: skip


def _says(told: dict[str, Any], pt: bool) -> list[str]:
    before = told["before"]
    if before["model"] == told["model"]:
        same = "Os pesos são os mesmos do treino {n}; nenhum par muda." if pt else "The weights are those of training {n}; no pair changes."
        return [same.format(n=before["training"])]
    if before["trained"]:
        against = f"o modelo anterior (treino {before['training']})" if pt else f"the model before (training {before['training']})"
    else:
        against = "os pesos documentados do linkage.yml" if pt else "the documented weights of linkage.yml"
    name = told["model"][:8]
    if pt:
        return [
            f"Modelo {name}, comparado com {against}. Contam-se pares candidatos pela pontuação apenas.",
            "A próxima etapa de vinculação o usa e recalcula todos os pares.",
        ]
    return [
        f"Model {name}, compared with {against}. Candidate pairs are counted by score alone.",
        "The next link stage takes it up and works out every pair anew.",
    ]
