"""Which settings a site's own file may hold, and within which limits."""

from pathlib import Path

import pytest

from pipelines import settings as options
from pipelines.settings import OF_A_SITE, Settings, SettingsError


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site" / "_posts").mkdir(parents=True)
    return tmp_path / "site"


def refused(site: Path, file: str | None = None, **given: object) -> str:
    """Why the settings cannot be loaded."""
    if file is not None:
        (site / "backfile.toml").write_text(file)
    with pytest.raises(SettingsError) as error:
        options.load(site=site, **given)
    return str(error.value)


OF_THE_MACHINE = sorted({*Settings.model_fields} - {*OF_A_SITE, "rules"})


def test_those_of_the_machine_are_these() -> None:
    assert OF_THE_MACHINE == ["engine", "now", "postgres", "site", "warehouse", "webhook", "workers"]


@pytest.mark.parametrize("name", OF_THE_MACHINE)
def test_a_site_sets_nothing_of_the_machine(name: str, site: Path) -> None:
    assert f"{name} is no setting of a site" in refused(site, f'{name} = "http://169.254.169.254/"\n')


@pytest.mark.parametrize("name", ["Webhook", "WAREHOUSE", "webhook ", "BACKFILE_WEBHOOK", "_env_file", "_secrets_dir"])
def test_nor_by_another_spelling(name: str, site: Path) -> None:
    assert f"{name} is no setting" in refused(site, f'"{name}" = "http://169.254.169.254/"\n')


@pytest.mark.parametrize(
    "line",
    [
        "schedule_hour = 24",
        "sensor_seconds = 1",
        "sensor_seconds = 100000000000000000000",
        "runs_kept = 0",
        "runs_kept = 1000000000",
        "days_kept = 100000000000",
        "lock_wait_seconds = 100000000000",
        "thresholds = {volume_is_kept = nan}",
        "thresholds = {nothing = 1}",
        "posts_folders = 7",
    ],
)
def test_values_have_limits(line: str, site: Path) -> None:
    assert refused(site, f"{line}\n").startswith(f"{site / 'backfile.toml'}: {line.split(maxsplit=1)[0]}")


@pytest.mark.parametrize("folder", ["site", "site/_posts"])
def test_a_file_that_is_a_link_out_of_the_site_is_refused(folder: str, site: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text("schedule_hour = 7\n")
    (site / "backfile.toml").symlink_to(tmp_path / "secret.toml")
    assert "a link that leaves the site" in refused(tmp_path / folder)


def test_a_link_within_the_site_is_followed(site: Path, tmp_path: Path) -> None:
    (site / "settings.toml").write_text("schedule_hour = 7\n")
    (site / "backfile.toml").symlink_to("settings.toml")
    (tmp_path / "again").symlink_to(site)
    assert options.load(site=tmp_path / "again").schedule_hour == 7


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/", "gopher://host/", "javascript:1", "host"])
def test_a_webhook_is_http(url: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(site, webhook=url).startswith("--webhook: ")
    monkeypatch.setenv("BACKFILE_WEBHOOK", url)
    assert refused(site).startswith("BACKFILE_WEBHOOK: ")
