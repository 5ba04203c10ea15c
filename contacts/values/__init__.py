"""One module per value type; each standardises, validates, masks and keys its own kind of value.

Every ``standardise(values)`` answers one row per value, on the same index, with the text columns of
``reading.COLUMNS``: ``value`` (normal form), ``match_key`` (what linkage compares), ``status``
(``ok`` | ``fixed`` | ``suggested`` | ``rejected`` | ``empty``), ``reason`` (a code of ``reasons.REASONS``),
``suggestion`` (set when suggested) and ``subtype``. It never throws on any text and never invents a value.
"""
