"""Documentation is part of the feature: the reference is what the code says, links lead somewhere, both languages exist."""

import re
from pathlib import Path

import pytest

from contacts.settings import SETTINGS
from pipelines.handbook import REFERENCE, pages
from pipelines.stages import STAGES

PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_page_is_what_the_code_says(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name], "run `make docs`"


def test_every_command_option_setting_stage_rule_and_key_has_a_sentence() -> None:
    bare = [
        f"{name}: {line}"
        for name in PAGES
        if name != "tables.md"
        for line in PAGES[name].splitlines()
        if re.match(r"\| `", line) and re.search(r"\|\s*\|$", line)
    ]
    undescribed = [line for line in bare if line.split(":")[0] in {"policy.md", "sources.md", "linkage.md", "settings.md"}]
    assert undescribed == []
    assert all(stage.function.__doc__ for stage in STAGES) and all(setting.meaning for setting in SETTINGS)


def test_every_command_has_help() -> None:
    for section in PAGES["commands.md"].split("\n## ")[1:]:
        title, *rest = section.split("\n\n")
        assert len(rest[0]) > 10, title
        for line in rest[1].splitlines()[2:] if len(rest) > 1 else []:
            assert line.split("|")[2].strip(), f"{title}: {line}"


def test_links_between_pages_lead_somewhere(root: Path) -> None:
    broken = []
    for page in [*root.glob("*.md"), *(root / "docs").rglob("*.md")]:
        targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        here = [target for target in targets if not target.startswith(("http", "mailto"))]
        broken += [f"{page.relative_to(root)}: {target}" for target in here if not (page.parent / target).exists()]
    assert broken == []


def test_what_non_developers_read_exists_in_portuguese(root: Path) -> None:
    how_to = ("mend-quarantine", "train-who-types", "judge-pairs", "contact-rules", "consents-from-a-crm")
    for page in ("README", "docs/tutorial/first-run", *(f"docs/how-to/{name}" for name in how_to)):
        assert (root / f"{page}.md").exists() and (root / f"{page}.pt-BR.md").exists()


def test_every_decision_is_listed(root: Path) -> None:
    listed = (root / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert [file.name for file in (root / "docs" / "adr").glob("0*.md") if file.name not in listed] == []
