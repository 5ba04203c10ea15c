"""Text decoded with the wrong table (``JoÃ£o``, ``&Atilde;``) put right; a character lost for good is left visible as U+FFFD."""

import re

import ftfy

LOST = "\ufffd"

_CP1252_HIGH = "\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122"
_GARBLED = re.compile(f"[\u00c2-\u00f4][\u0080-\u00bf{_CP1252_HIGH}]|\u00c3(?:\\s|$)|[\u0080-\u009f]|&#?[A-Za-z0-9]{{2,8}};")
_CONFIG = ftfy.TextFixerConfig(
    unescape_html=True,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    remove_control_chars=False,
)
_LETTER = "[A-Za-zÀ-ÖØ-öø-ÿ]"
_SINGLE_BYTE = (
    # ftfy leaves single bytes alone; inside a word these signs can only be letters of DOS (João as JoÆo) or of an old Mac (Jo‹o)
    (re.compile(f"(?<={_LETTER})[‡‚¡¢£ƒˆ](?={_LETTER}|\\b|\\s|$)|(?<=[a-z])[Æ“„…](?=[a-z])"), "cp850"),
    (re.compile(f"(?<={_LETTER})[‹›Ž™œ‰](?={_LETTER}|\\s|$)"), "mac_roman"),
)
_PORTUGUESE = frozenset("áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇñÑºª’")
_UTF7 = re.compile(r"\+([A-Za-z0-9/+]{3,12})-")


def mend(text: str) -> str:
    """``text`` as it was meant; unchanged when nothing in it looks decoded wrongly."""
    if text.isascii():
        if "+" in text:
            text = _UTF7.sub(_from_utf7, text)
        return ftfy.fix_text(text, _CONFIG) if "&" in text and _GARBLED.search(text) else text
    if _GARBLED.search(text):
        text = ftfy.fix_text(text, _CONFIG)
    for signs, table in _SINGLE_BYTE:
        if signs.search(text):
            return _from_single_bytes(text, table)
    return text


def _from_single_bytes(text: str, table: str) -> str:
    """The text read by another table, if that makes every sign of it a Portuguese letter."""
    try:
        meant = text.encode("cp1252").decode(table)
    except UnicodeError:
        return text
    return meant if all(char.isascii() or char in _PORTUGUESE for char in meant) else text


def _from_utf7(found: re.Match[str]) -> str:
    try:
        meant = found[0].encode("ascii").decode("utf-7")
    except UnicodeError:
        return found[0]
    return meant if meant and all(char in _PORTUGUESE for char in meant) else found[0]
