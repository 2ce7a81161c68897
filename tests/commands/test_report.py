"""`backfile report`: where the report is, or one line that says why there is none."""

import shutil
from pathlib import Path

from tests.commands.running import refused, run


def test_its_path_is_printed(published: Path, tmp_path: Path) -> None:
    warehouse = Path(shutil.copytree(published, tmp_path / "copy", symlinks=True))
    report = (warehouse / "current" / "report").resolve()
    report.mkdir(exist_ok=True)
    (report / "index.html").write_text("<p>")
    result = run("report", "--warehouse", warehouse)
    assert (result.exit_code, result.stdout) == (0, f"{warehouse}/report/index.html\n")


def test_a_build_without_a_report(published: Path) -> None:
    assert "has no report; backfile build makes it anew" in refused("report", "--warehouse", published)


def test_a_warehouse_without_a_build(tmp_path: Path) -> None:
    assert "holds no published build" in refused("report", "--warehouse", tmp_path)
