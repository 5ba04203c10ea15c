"""JSON that is the same text for the same content, so that it can be hashed, stored and compared; knows no database."""

import json
from typing import Any


def canonical_json(value: Any) -> str:
    """JSON that is the same text for the same content: sorted keys, no blanks, no escapes of letters."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
