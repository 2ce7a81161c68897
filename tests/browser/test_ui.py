"""Dagster's UI in a real browser: what an operator looks at in the morning, on a real service with a real warehouse."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from playwright.sync_api import Dialog, Page, sync_playwright

from pipelines import definitions
from pipelines import settings as options
from pipelines.commands.instance import dagster_home
from tests.sites import CONFIG, post, write

CHROMIUM = shutil.which("chromium")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
SLOW = 120_000
"""Milliseconds to wait for what appears, on a machine that does other things too."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")

SITE: dict[str, str | bytes] = {
    "_config.yml": CONFIG,
    "_posts/2022-03-01-a.md": post("<script>alert(1)</script>"),
    "_posts/2022-04-01-b.md": post("b"),
    "_posts/2022-04-02-bad.md": b"---\n\xff\n---\n",
}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A warehouse after a build that was published and one that its audits stopped; the UI's address."""
    root = tmp_path_factory.mktemp("browser")
    settings = options.load(site=write(root / "site", SITE), warehouse=root / "warehouse")
    many = {f"_posts/2022-05-{day:02}-{n}.md": post(f"{day} {n}") for day in range(1, 31) for n in range(2)}
    write(settings.site, dict(many))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DAGSTER_HOME", "")  # put back afterwards
        dagster_home(settings)
        assert definitions.launch(settings, full=False, as_of=None).failure is None
        for name in many:
            (settings.site / name).unlink()
        assert "volume_is_kept" in str(definitions.launch(settings, full=False, as_of=None).failure)
    port = free_port()
    command = ("ui", str(settings.site), "--warehouse", str(settings.warehouse_folder), "--port", str(port))
    with (root / "log").open("w") as log:
        ui = subprocess.Popen(
            [sys.executable, "-m", "pipelines", *command],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/server_info", ui)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.kill(ui.pid, signal.SIGINT)
            try:
                ui.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(ui.pid, signal.SIGKILL)
                raise


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the service ended"
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"{url} does not answer")


@pytest.fixture(scope="module")
def page(service: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        page = browser.new_page(base_url=service, viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(SLOW)
        yield page
        browser.close()


def sees(page: Page, text: str | re.Pattern[str]) -> None:
    page.get_by_text(text).first.wait_for(timeout=SLOW)


def test_the_lineage_shows_every_group(page: Page) -> None:
    page.goto("/asset-groups")
    for group in ("archive", "read", "normalise", "history", "warehouse", "reports", "publish"):
        sees(page, group)


def test_an_asset_shows_what_it_is_and_what_came_of_it(page: Page) -> None:
    page.goto("/assets/posts?view=overview")
    for text in ("Every post with what Jekyll says of it", "Row count", "VARCHAR", "volume", "first rows"):
        sees(page, text)


def test_a_title_with_a_script_runs_nowhere(page: Page) -> None:
    said: list[str] = []

    def hear(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    page.goto("/assets/posts?view=overview")
    sees(page, "first rows")
    page.goto("/assets/reports/url_collisions")
    sees(page, "Row count")
    assert said == []


def test_the_months_are_the_posts_partitions(page: Page) -> None:
    page.goto("/assets/posts?view=partitions")
    for month in ("2022-03", "2022-04", "2022-05"):
        sees(page, month)


def test_a_month_is_chosen_on_the_jobs_page(page: Page) -> None:
    page.goto("/locations/backfile/jobs/Build")
    page.get_by_text("Materialize all").click()
    page.get_by_text("Select a partition or create one").click()
    page.get_by_text("2022-04", exact=True).first.click(force=True)
    sees(page, "Launch 1 run")


def test_all_is_materialised_from_the_lineage(page: Page) -> None:
    """By the job, as from its own page: Dagster's own job of all assets would refuse."""
    page.goto("/asset-groups")
    page.get_by_text("Materialize all").first.click()
    page.get_by_text("All", exact=True).first.click()
    with page.expect_response(lambda answer: "launchPartitionBackfill" in (answer.request.post_data or "")) as sent:
        page.get_by_role("button", name="Launch backfill").click()
    assert sent.value.json()["data"]["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess"
    assert "Build_partition_set" in str(sent.value.request.post_data)


def test_a_failed_audit_says_why_and_by_how_much(page: Page) -> None:
    page.goto("/assets/warehouse?view=checks&checkDetail=volume_is_kept")
    for text in ("volume_is_kept", "in the last build", "are gone, allowed 20%", "threshold", "Plots"):
        sees(page, text)
    sees(page, re.compile("build once with backfile build --accept volume_is_kept"))


def test_the_failed_run_is_seen_among_the_runs(page: Page) -> None:
    page.goto("/runs")
    sees(page, re.compile("Failure|Failed"))
    sees(page, re.compile("Success"))


def test_the_archive_is_fresh(page: Page) -> None:
    page.goto("/assets/archive")
    sees(page, "Freshness policy")
    sees(page, "Passing")


def test_the_schedule_is_on_and_the_sensor_can_be(page: Page) -> None:
    page.goto("/automation")
    sees(page, "daily")
    sees(page, "on_change")
