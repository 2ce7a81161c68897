"""Nothing that a site says does anything to the terminal of whoever runs a command."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines import cli
from tests.sites import CONFIG, write

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u2066[bold red]\\[x][/]:skull:\u200b\u2028\r\x7f"
"""A title for the window, an emptied screen, colours, turned directions, rich's markup, an emoji's name, line ends."""
NAME = EVIL.replace("/", "|")
FILE = f"_posts/2022-03-01-{NAME}.md"
STYLE = re.compile(r"\x1b\[[0-9;]*m")
"""What rich writes for styles: none of EVIL's sequences is one."""


def quoted(text: str) -> str:
    return json.dumps(text)


SITE: dict[str, str | bytes] = {
    "_config.yml": f"{CONFIG}title: {quoted(EVIL)}\n",
    FILE: f"---\ntitle: {quoted(EVIL)}\ncategories: [{quoted(EVIL)}]\ntags: [{quoted(EVIL)}]\n---\nsome {EVIL} words\n",
    f"_posts/2022-03-02-{NAME}.md": f"---\ntitle: [{quoted(EVIL)}\n---\nbroken words\n",
    f"_posts/2022-13-02-{NAME}.md": "---\ndate: x\n---\n",
    f"{NAME}/2022-03-03-outside.md": "---\n---\nelsewhere\n",
    f"{NAME} within/_config.yml": "title: within\n",
    f"{NAME} within/_posts/2022-03-04-within.md": "---\n---\nwithin\n",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site in a folder of such a name; `data` beside it is its warehouse."""
    return write(tmp_path_factory.mktemp("hostile") / NAME, SITE)


def said(*arguments: object) -> str:
    """What the command prints, on both streams."""
    result = CliRunner().invoke(cli.main, [str(argument) for argument in arguments], catch_exceptions=False)
    return result.stdout + result.stderr


def demand_harmless(printed: str) -> None:
    assert printed
    assert [letter for letter in printed if not letter.isprintable() and letter != "\n"] == []


@pytest.fixture(scope="module")
def built(hostile: Path) -> list[str]:
    """What two builds say; an edit lies between them."""
    first = said("build", hostile, "--warehouse", hostile.with_name("data"))
    write(hostile, {FILE: f"---\ntitle: {quoted(EVIL + EVIL)}\n---\nother {EVIL} words\n"}, age=5)
    return [first, said("build", hostile, "--warehouse", hostile.with_name("data"))]


def test_the_summary(built: list[str]) -> None:
    for printed in built:
        demand_harmless(printed)
        assert "[bold red]" in printed
        assert "1 files are named like posts but lie outside" in printed
        assert "Sites within the site" in printed


READING = {
    "sql": ("sql", "FROM posts"),
    "sql of one row": ("sql", "FROM posts LIMIT 1"),
    "sql of files": ("sql", "FROM reports.rejected_files", "--all"),
    "sql with names": ("sql", f'SELECT 1 AS "{EVIL}"'),
    "sql's errors": ("sql", "SELECT title::INTEGER FROM posts"),
    "sql's refusals": ("sql", f"FROM read_text('{EVIL}')"),
    "search": ("search", "words"),
    "search for nothing": ("search", EVIL),
    "diff": ("diff",),
    "diff of all": ("diff", "--all"),
    "diff with another": ("diff", EVIL),
    "export": ("export", "posts", "--jsonl", "@ exported"),
    "export of another": ("export", EVIL, "--csv", "@ again"),
    "explain": ("explain", f"@/{FILE}"),
    "explain a broken one": ("explain", f"@/_posts/2022-03-02-{NAME}.md"),
    "explain a wrong date": ("explain", f"@/_posts/2022-13-02-{NAME}.md"),
    "explain elsewhere": ("explain", f"@/{NAME}/{NAME}"),
    "rollback": ("rollback", EVIL),
    "rollback's list": ("rollback", "--list"),
    "a command": (EVIL,),
    "an option": ("build", f"--{EVIL}"),
    "an argument": ("explain", FILE, FILE),
    "a folder": ("build", f"@/{NAME}"),
    "a time": ("build", "@", "--as-of", EVIL),
    "an audit": ("build", "@", "--accept", EVIL),
    "a warehouse": ("sql", "--warehouse", f"@/{NAME}"),
    "demo": ("demo", "--warehouse", f"@/{FILE}"),
    "report": ("report", "--warehouse", f"@/{NAME}"),
    "ui": ("ui", f"@/{NAME}"),
    "webserver": ("webserver", "@", "--host", "192.0.2.1"),
    "daemon": ("daemon", f"@/{NAME}"),
}  # fmt: skip
"""Commands that read, @ for the site."""


def at(site: Path, arguments: tuple[str, ...]) -> list[str]:
    return [argument.replace("@", str(site)) for argument in arguments]


@pytest.mark.parametrize("arguments", READING.values(), ids=list(READING))
def test_a_command(
    arguments: tuple[str, ...], hostile: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKFILE_WAREHOUSE", str(hostile.with_name("data")))
    demand_harmless(said(*at(hostile, arguments)))


def test_damage_that_verify_names(hostile: Path, built: list[str]) -> None:
    warehouse = hostile.with_name("data")
    name = f"lake/posts/{NAME}.parquet"
    manifest = (warehouse / "current").resolve() / "manifest.json"
    before = manifest.read_text("utf-8")
    content = json.loads(before)
    content["files"][name] = next(iter(content["files"].values()))
    manifest.chmod(0o644)
    try:
        manifest.write_text(json.dumps(content), "utf-8")
        printed = said("verify", hostile, "--warehouse", warehouse)
    finally:
        manifest.write_text(before, "utf-8")
    demand_harmless(printed)
    assert "[bold red]" in printed


SETTINGS = {
    "an unknown setting": ("backfile.toml", f"{quoted(EVIL)} = 1\n"),
    "a value": ("backfile.toml", f"sensor = {quoted(EVIL)}\n"),
    "an audit": ("backfile.toml", f"thresholds = {{{quoted(EVIL)} = 1}}\n"),
    "a folder of posts": ("backfile.toml", f"posts_folders = [{quoted('../' + EVIL)}]\n"),
    "no TOML": ("backfile.toml", f"{EVIL} = \n"),
    "a rule": ("backfile.toml", f"[rules.{quoted(EVIL)}]\n"),
    "a rule's pattern": ("backfile.toml", f"[rules.sources]\nlabel = {quoted('(' + EVIL)}\n"),
    "a zone": ("_config.yml", f"timezone: {quoted(EVIL)}\n"),
    "an encoding": ("_config.yml", "encoding: undefined\n"),
    "a permalink": ("_config.yml", f"permalink: {quoted('/:x' + EVIL)}\n"),
    "a source": ("_config.yml", f"source: {quoted(EVIL)}\n"),
    "no YAML": ("_config.yml", f"a: [{quoted(EVIL)}\n"),
    "no pairs": ("_config.yml", f"{quoted(EVIL)}\n"),
}


@pytest.mark.parametrize(("file", "content"), SETTINGS.values(), ids=list(SETTINGS))
def test_a_wrong_setting(file: str, content: str, tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"_posts/2022-03-01-a.md": "---\n---\n", file: content})
    printed = said("build", site, "--warehouse", tmp_path / "data")
    demand_harmless(printed)
    assert (printed.startswith("backfile: "), printed.count("\n")) == (True, 1)


def test_every_command_is_among_these() -> None:
    tried = {arguments[0] for arguments in READING.values()} | {"build", "verify"}
    assert set(cli.main.commands) <= tried


def on_a_terminal(*arguments: object) -> str:
    """What the command writes to a terminal, by a process of its own."""
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "pipelines", *map(str, arguments)]
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env={**os.environ, "TERM": "xterm-256color"}):
        os.close(its)
        printed = b""
        try:
            while some := os.read(ours, 65536):
                printed += some
        except OSError:  # Linux says so that the other side is closed
            pass
    os.close(ours)
    return printed.decode()


@pytest.mark.parametrize("name", ["sql", "sql as csv", "search", "diff", "explain", "a folder"])
def test_on_a_terminal(name: str, hostile: Path, built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFILE_WAREHOUSE", str(hostile.with_name("data")))
    arguments = READING.get(name, ("sql", "SELECT title, path FROM posts", "--csv"))
    printed = STYLE.sub("", on_a_terminal(*at(hostile, arguments))).replace("\r\n", "\n")
    demand_harmless(printed)
    assert "[bold red]" in printed.replace("\n", "")


def test_an_error_nobody_expected(tmp_path: Path) -> None:
    code = (
        "from pipelines import cli\n"
        "def fail(**_): raise RuntimeError('\\x1b]0;owned\\x07\\u202e')\n"
        "cli.main = fail\n"
        "cli.command()\n"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    demand_harmless(process.stderr)
    assert (process.returncode, "RuntimeError: \\x1b]0;owned\\x07\\u202e" in process.stderr) == (1, True)
