"""One small warehouse, built twice with changes between, for the commands that only read."""

from pathlib import Path

import pytest

from tests import sites
from tests.sites import CONFIG, post, write

SITE: dict[str, str | bytes] = {
    "_config.yml": CONFIG,
    "backfile.toml": 'posts_folders = ["old_post"]\n',
    "_posts/2022-03-01-escape.md": post('"\\e[31mred"', "Red text.", tags="[a, b]"),
    "_posts/2022-03-02-formula.md": post("\"=cmd|'/C calc'!A0\"", "A carbon tax."),
    "_posts/2022-03-03-climate.md": post("气候变化", "碳税与气候 <b>Carbon</b> and a tax."),
    "_posts/2022-03-04-edited.md": post("Before"),
    "_posts/2022-03-05-removed.md": post("Gone"),
    "_posts/2022-03-06-moved.md": post("Carried", "Moved as it is."),
    "old_post/2022-02-01-old.md": post("Old"),
    "_drafts/idea.md": post("An idea", date="2022-04-01"),
    "_posts/2021-01-01-settled.md": post("Settled"),
}


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse's folder."""
    folder = tmp_path_factory.mktemp("read")
    site = write(folder / "site", SITE)
    sites.build(site, folder / "warehouse")
    (site / "_posts/2022-03-05-removed.md").unlink()
    (site / "_posts/2022-03-06-moved.md").rename(site / "old_post/2022-03-06-moved.md")
    write(site, {"_posts/2022-03-04-edited.md": post("After"), "_posts/2022-03-07-new.md": post("New")}, age=5)
    sites.build(site, folder / "warehouse")
    return folder / "warehouse"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No warehouse is meant unless a test says so."""
    for name in ("BACKFILE_SITE", "BACKFILE_WAREHOUSE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
