"""`lastro linkage report`: collect, draw and write the page, readable by its owner only; the ledger keeps its fingerprint."""

from hashlib import sha256

from contacts import ledger
from contacts.errors import ConfigurationError
from contacts.settings import load
from pipelines import screen
from pipelines.linkage_report import page
from pipelines.linkage_report.figures import collect
from pipelines.run import connect
from privacy.report.write import write_whole


def write(person: str, pair: tuple[int, int] | None, as_json: bool) -> None:
    """Write <home>/reports/linkage/linkage.html. Raises NotFound before anything was linked, or for a person or pair that is not there."""
    settings = load()
    warehouse = connect(settings)
    file = settings.home / "reports" / "linkage" / "linkage.html"
    with warehouse.transaction() as db:
        figures = collect(db, settings, person, pair)
        html = page.render(figures, settings.language)
        try:
            write_whole(file, html)
        except OSError as error:
            raise ConfigurationError(f"The report cannot be written ({error.strerror}).", "Set LASTRO_HOME to a folder you own.") from None
        ledger.append(db, "linkage.report", "operator", None, {"html_sha256": sha256(html.encode()).hexdigest(), "model": figures["model"]})
        ledger.checkpoint(db, settings)
    pt = settings.language == "pt"
    says = [f"{'Relatório de vinculação' if pt else 'Linkage report'}: {file}"]
    screen.show(as_json, {"html": str(file), **figures["main"]}, [], says, "lastro review --by YOU   ·   lastro linkage evaluate")
