"""What personal data look like in Portuguese free text: one class per kind, and the tuple RECOGNISERS the scan uses.

A number is scored by how it is written and whether its check digit holds; below ``THRESHOLD`` only a context word
before or after it (whole word, accents folded) makes it count: 1 in 100 order numbers passes as a CPF.
"""

import re
from collections.abc import Callable
from typing import Any, ClassVar

from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from stdnum import luhn
from stdnum.br import cnpj, cpf

from contacts.values.phone_br import UF_OF_DDD
from privacy.folding import folded
from privacy.lexicon import other_numbers, sensitive
from privacy.names import person_spans

THRESHOLD = 0.4
SURE, LIKELY, IN_CONTEXT, NOT = 0.95, 0.7, 0.2, 0.0
"""Sure needs nothing; likely is above the threshold; in context waits for a context word (+0.35); not is dropped."""
_LAST_WORD = re.compile(r"([a-z]+)[^a-z]{0,4}(?:(?:n|no|e|e o|numero)[^a-z]{0,4})?$")
_EDGE = r"(?<![\w.\-/@])"
_END = r"(?![\w@]|[.\-/]\d)"


class Written(PatternRecognizer):
    """A kind of value with a fixed way of writing; ``grade`` scores one match. Presidio's own validation would jump to 1.0 or 0."""

    entity: ClassVar[str]
    regexes: ClassVar[tuple[str, ...]]
    words: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        patterns = [Pattern(f"{self.entity} {number}", regex, 0.5) for number, regex in enumerate(self.regexes)]
        super().__init__(self.entity, name=type(self).__name__, supported_language="pt", patterns=patterns, context=list(self.words))

    def grade(self, written: str) -> float:
        """Score of one match, as it is written."""
        raise NotImplementedError

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: int | None = None) -> list[RecognizerResult]:
        found = super().analyze(text, entities, nlp_artifacts, regex_flags)
        for result in found:
            result.score = self.grade(text[result.start : result.end])
            if (
                result.score < THRESHOLD
                and (before := _LAST_WORD.search(folded(text[max(0, result.start - 24) : result.start])))
                and before[1] in other_numbers()
            ):
                result.score = NOT
        return [result for result in found if result.score > NOT]


class Cpf(Written):
    """Natural person's tax number (Lei 14.534/2023: also the identity card's number)."""

    entity = "BR_CPF"
    regexes = (_EDGE + r"\d{3}[. ]?\d{3}[. ]?\d{3}[-–/ ]?\d{2}" + _END,)
    words = ("cpf", "cpfs", "cadastro", "contribuinte", "titular", "documento", "doc", "pix")

    def grade(self, written: str) -> float:
        digits = re.sub(r"\D", "", written)
        plain = written.isdigit()
        if len(set(digits)) == 1:  # the check digits of 111.111.111-11 hold, but nobody has it
            return NOT
        if not cpf.is_valid(digits):
            return NOT if plain else IN_CONTEXT / 2  # said to be a CPF and mistyped is a CPF still
        return IN_CONTEXT if plain else SURE


class Cnpj(Written):
    """Legal person's tax number, with letters since July 2026 (IN RFB 2.229/2024); personal where the company is one person (MEI)."""

    entity = "BR_CNPJ"
    regexes = (_EDGE + r"[0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}/?[0-9A-Z]{4}-?\d{2}" + _END,)
    words = ("cnpj", "empresa", "mei", "inscrita", "fornecedor", "pix")

    def grade(self, written: str) -> float:
        plain = re.sub(r"[.\-/]", "", written).upper()
        if len(set(plain)) == 1 or not cnpj.is_valid(plain):
            return NOT
        if "/" in written:
            return SURE
        return IN_CONTEXT if plain.isdigit() or not re.search(r"\d{2}", plain[:12]) else LIKELY


class PostalCode(Written):
    """CEP. Every number with five and three digits looks like one, so it needs its word."""

    entity = "BR_CEP"
    regexes = (_EDGE + r"\d{2}\.?\d{3}[-–]?\d{3}" + _END, _EDGE + r"\d\.?\d{3}-\d{3}" + _END)
    words = ("cep", "ceps", "postal", "endereco", "rua", "avenida", "av", "bairro")

    def grade(self, written: str) -> float:
        return IN_CONTEXT if re.sub(r"\D", "", written) != "00000000" else NOT


class Phone(Written):
    """Brazilian phone number, with or without +55, area code and ninth digit; foreign ones only with a plus sign."""

    entity = "PHONE"
    regexes = (
        r"(?<![\w.\-/@])(?:\+?55[\s.\-]?)?(?:\(0?\d{2}\)|0?\d{2})[\s.\-]{0,2}\d?[\s.\-]?\d{4}[\s.\-–]?\d{4}(?![\w@]|[.\-/]\d)",
        _EDGE + r"9?\d{4}[\-–. ]?\d{4}" + _END,
        r"(?<![\w+])\+\d{1,3}(?:[\s.\-()]{0,2}\d){6,12}(?!\w)",
    )
    words = (
        "tel", "telefone", "telefones", "fone", "cel", "celular", "zap", "zapzap", "whats", "whatsapp", "wpp", "ligar", "ligue", "liguem", "ligando", "liga",
        "contato", "recado", "ramal", "numero", "telefono", "movil", "phone", "mobile", "telefon", "nummer", "pix",
    )  # fmt: skip

    def grade(self, written: str) -> float:
        digits = re.sub(r"\D", "", written)
        if written.startswith("+") and not digits.startswith("55"):
            return LIKELY
        local = digits.removeprefix("55") if len(digits) > 11 else digits
        local = local.removeprefix("0")
        if len(set(local)) == 1:
            return NOT
        if len(local) < 10:
            return IN_CONTEXT if re.fullmatch(r"9?[2-9]\d{7}", local) else NOT
        if local[:2] not in UF_OF_DDD or not re.fullmatch(r"9\d{8}|[2-9]\d{7}", local[2:]):
            return IN_CONTEXT / 2  # said to be a phone and mistyped is somebody's phone still
        if written.isdigit():
            return LIKELY if len(digits) > 11 else IN_CONTEXT
        return SURE if "(" in written or "+" in written else LIKELY


class Email(Written):
    """E-mail address, also where people write it around the at sign with blanks."""

    entity = "EMAIL"
    regexes = (r"(?<![\w.+\-])[\w.+\-]{1,64} ?@ ?(?:[\w\-]{1,63}\.)+[A-Za-z]{2,24}(?!\w)",)

    def grade(self, written: str) -> float:
        return SURE


class Card(Written):
    """Payment card number: scheme prefix, length and Luhn check digit."""

    entity = "CARD"
    regexes = (r"(?<![\w.\-/])[2-6]\d{3}(?:[ \-.]?\d{4}){3}(?!\w|[.\-]\d)", r"(?<![\w.\-/])3[47]\d{2}[ \-.]?\d{6}[ \-.]?\d{5}(?!\w|[.\-]\d)")
    words = ("cartao", "credito", "debito", "visa", "master", "mastercard", "amex", "elo", "hipercard", "tarjeta", "card", "karte")

    def grade(self, written: str) -> float:
        digits = re.sub(r"\D", "", written)
        if len(set(digits)) <= 2 and not written.startswith(("4", "5")):
            return NOT
        if not luhn.is_valid(digits):
            return NOT if written.isdigit() else IN_CONTEXT / 2
        return LIKELY


class PersonName(EntityRecognizer):
    """Names of persons by first names of the census and the words around them (``privacy.names``); no model, so every find can be explained."""

    def __init__(self) -> None:
        super().__init__(["PERSON"], name="PersonName", supported_language="pt")

    def load(self) -> None:
        """Nothing to load: the gazetteer is read on first use."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        return [RecognizerResult("PERSON", start, end, score) for start, end, score in person_spans(text)]


class Sensitive(EntityRecognizer):
    """Words that speak of health, religion, union, politics, sexual life or race (LGPD art. 5 II, GDPR art. 9), by the lexicon."""

    def __init__(self) -> None:
        super().__init__([f"SENSITIVE_{kind}" for kind in sensitive()], name="Sensitive", supported_language="pt")

    def load(self) -> None:
        """Compile one expression with a group per kind."""
        self.expression = re.compile(r"\b(?:" + "|".join(f"(?P<SENSITIVE_{kind}>{words})" for kind, words in sensitive().items()) + r")\b")

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        return [RecognizerResult(str(match.lastgroup), *match.span(), LIKELY) for match in self.expression.finditer(folded(text))]


RECOGNISERS: tuple[Callable[[], EntityRecognizer], ...] = (Cpf, Cnpj, PostalCode, Phone, Email, Card, PersonName, Sensitive)
"""All of them. A new kind of personal data is one class above and one name here."""

LABELS = {
    "BR_CPF": "CPF", "BR_CNPJ": "CNPJ", "BR_CEP": "CEP", "PHONE": "TELEFONE", "EMAIL": "EMAIL", "CARD": "CARTAO", "PERSON": "NOME",
    "SENSITIVE_HEALTH": "SAUDE", "SENSITIVE_RELIGION": "RELIGIAO", "SENSITIVE_UNION": "SINDICATO", "SENSITIVE_POLITICS": "POLITICA",
    "SENSITIVE_SEXUAL": "VIDA_SEXUAL", "SENSITIVE_RACE": "RACA",
}  # fmt: skip
"""What stands in the redacted text in the place of a find, between angle brackets."""
