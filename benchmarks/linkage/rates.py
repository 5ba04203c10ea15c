"""How often what happens in the made-up contacts: ``rates.yml``."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def rates() -> dict[str, Any]:
    """``rates.yml``."""
    return yaml.safe_load((Path(__file__).parent / "rates.yml").read_text(encoding="utf-8"))
