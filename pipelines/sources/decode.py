"""Bytes of a text file to text: the encoding declared, or the one the bytes speak for."""

import codecs

from pipelines.sources.reading import FileRefused

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LETTERS = frozenset("áàâãäéêëíïóôõöúüçñÁÀÂÃÄÉÊËÍÏÓÔÕÖÚÜÇÑºª°–—‘’“”€")
_WESTERN = ("cp1252", "cp850", "mac_roman")
_CONVINCING = 0.9
_SAMPLE = 200_000
_ASCII = bytes(range(128))


def decode(content: bytes, declared: str | None) -> tuple[str, int]:
    """The text and how many characters were lost in the file already. Raises FileRefused with WRONG_ENCODING or EMPTY_FILE."""
    if not content.strip(b"\0 \t\r\n") or content in {bom for bom, _ in _BOMS}:
        raise FileRefused("EMPTY_FILE", "the file is empty")
    marked = next((encoding for bom, encoding in _BOMS if content.startswith(bom)), None)
    for encoding in [marked] if marked else [declared] if declared else [_utf_16(content), "utf-8"]:
        if encoding:
            try:
                return content.decode(encoding), 0
            except UnicodeDecodeError:
                continue
    if marked or declared:
        raise FileRefused("WRONG_ENCODING", f"the file is not {marked or declared} text")
    if b"\0" in content:
        raise FileRefused("WRONG_ENCODING", "the file is not text")
    return _nearly_utf_8(content) or (_western(content), 0)


def _utf_16(content: bytes) -> str | None:
    """UTF-16 without its mark: every second byte of Western text is zero."""
    sample = content[:_SAMPLE]
    half = len(sample) / 2
    if sample[1::2].count(0) > 0.6 * half:
        return "utf-16-le"
    return "utf-16-be" if sample[0::2].count(0) > 0.6 * half else None


def _nearly_utf_8(content: bytes) -> tuple[str, int] | None:
    """UTF-8 with a few broken characters stays UTF-8: reading it as cp1252 would break all the others."""
    text = content.decode("utf-8", errors="replace")
    lost = text.count("\ufffd")
    kept = len(text.encode().translate(None, _ASCII)) // 2 - 2 * lost  # most foreign letters take two bytes, U+FFFD takes three
    return (text, lost) if kept >= 10 * lost else None


def _western(content: bytes) -> str:
    """The one-byte encoding under which the letters are those of our languages. Where none fits, guessing would invent names."""
    sample = content.translate(None, _ASCII)[:_SAMPLE]
    fits = {encoding: _share(sample, encoding) for encoding in _WESTERN}
    best = max(_WESTERN, key=lambda encoding: fits[encoding])
    try:
        if fits[best] >= _CONVINCING:
            return content.decode(best)
    except UnicodeDecodeError:
        pass
    raise FileRefused("WRONG_ENCODING", "the file is neither UTF-8, UTF-16 nor Western European text; declare `encoding:`")


def _share(sample: bytes, encoding: str) -> float:
    letters = sample.decode(encoding, errors="replace")
    return sum(letter in _LETTERS for letter in letters) / len(letters)
