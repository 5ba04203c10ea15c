"""Errors for people: one sentence, one hint, one exit code; whether a retry can help is part of the type."""


class LastroError(Exception):
    """Base of everything Lastro refuses on purpose; the text never holds a personal value.

    ``hint`` says what to do next; ``exit_code`` tells scripts the cause without reading text;
    ``retryable`` tells Airflow whether trying again can help.
    """

    exit_code = 1
    retryable = False

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class ConfigurationError(LastroError):
    """A setting, policy, linkage or source file is wrong; nothing was run."""

    exit_code = 2


class ApprovalNeeded(LastroError):
    """The quality gate is amber: a person has to decide before anything is published."""

    exit_code = 4


class GateClosed(LastroError):
    """The quality gate is red: nothing is published, the last version stays."""

    exit_code = 5


class LedgerBroken(LastroError):
    """The audit ledger does not verify."""

    exit_code = 6


class WarehouseUnavailable(LastroError):
    """The database does not answer or is locked by another run."""

    exit_code = 7
    retryable = True


class NotFound(LastroError):
    """The person, batch or stage asked for does not exist."""

    exit_code = 8


class WarehouseRefused(LastroError):
    """The database refused rows (a key twice, a value it cannot hold): a fault of ours, told without the row."""

    exit_code = 9
