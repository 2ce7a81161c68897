"""What a build came to, for people and for programs."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Final

from pipelines.settings import SITE_FILE, Settings
from pipelines.terminal import say
from warehouse import lake, publish
from warehouse.connection import connect

if TYPE_CHECKING:
    from pipelines.definitions import Outcome

SHOWN: Final = 5
"""Notices and rejected files that are listed."""
DETAIL: Final = 60
"""Characters of a rejected file's detail."""
SUGGESTED: Final = ("categories_by_month", "tags_by_month", "volume_by_month", "rejected_files", "data_quality")
FAULTS: Final = ("rejected_files", "data_quality")


def of_build(settings: Settings, outcome: Outcome, build: Path | None, seconds: float) -> dict[str, Any]:
    """What the command says of the warehouse as it is now published."""
    folder = settings.warehouse_folder
    current = build or publish.current(folder)
    last = (
        lake.scan(current, "builds").sort("started_at", "build_id").tail(1).collect().row(0, named=True)
        if current
        else {}
    )
    counts = json.loads(last["counts"]) if last else {}
    return {
        "site": str(settings.site.absolute()),
        "warehouse": str(folder),
        "published": build is not None,
        "build_id": last.get("build_id"),
        "run_id": outcome.run_id,
        "files": counts.get("files", 0),
        "posts": counts.get("posts", {}),
        "rejected": counts.get("rejected", {}),
        "ignored": counts.get("ignored", 0),
        "outside": counts.get("outside", {}),
        "sites": counts.get("sites", []),
        "read": counts.get("read", 0) if build else 0,
        "changes": counts.get("changes", {}) if build else {},
        "months_rewritten": counts.get("months_rewritten", []) if build else [],
        "notices": (counts.get("notices", []) if build else []) + outcome.oddities,
        "rejected_files": _rejected(current) if current else [],
        "warnings": [warning._asdict() for warning in outcome.warnings],
        "seconds": round(seconds, 1),
        "queries": _queries(current) if current else [],
        "database": str(folder / publish.DATABASE),
        "report": str(folder / "report" / "index.html"),
    }


def _list(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "none"


def show(summary: dict[str, Any]) -> None:
    """The summary for people."""
    months = summary["months_rewritten"]
    if summary["published"]:
        say(("Published", "bold"), f" {summary['build_id']} in {summary['seconds']} s")
    else:
        say(("Nothing changed", "bold"), f": {summary['build_id']} stays published ({summary['seconds']} s)")
    shown = {
        "files": f"{summary['files']:,}",
        "posts": f"{sum(summary['posts'].values()):,} ({_list(summary['posts'])})",
        "rejected": f"{sum(summary['rejected'].values()):,}"
        + (f" ({_list(summary['rejected'])})" if summary["rejected"] else ""),
        "ignored": f"{summary['ignored']:,}",
        "changes": _list(summary["changes"]),
        "months": f"{len(months)} rewritten"
        + (f" ({months[0]} … {months[-1]})" if len(months) > 1 else "".join(f" ({month})" for month in months)),
        "database": summary["database"],
        "report": summary["report"],
    }
    for name, text in shown.items():
        say(f"  {name:<9} {text}")
        for file in summary["rejected_files"] if name == "rejected" else ():
            say(f"              {file['path']}: {file['reason']}" + (f" ({file['detail']})" if file["detail"] else ""))
    for n, warning in enumerate(summary["warnings"]):
        say(f"  {'' if n else 'warnings':<9} {warning['message']} ({warning['audit']})")
        for example in warning["examples"]:
            say(f"              {example}")
    for notice in summary["notices"][:SHOWN]:
        say((notice, "yellow"))
    if len(summary["notices"]) > SHOWN:
        say((f"… and {len(summary['notices']) - SHOWN} more, in builds.counts", "yellow"))
    if summary["outside"]:
        folders = list(summary["outside"])
        files = sum(summary["outside"].values())
        some = ", ".join(json.dumps(name, ensure_ascii=False) for name in folders[:3])
        where = f"{folders[0]}/" + (f" and {len(folders) - 1} other folders" if len(folders) > 1 else "")
        say(
            (f"{files:,} files are named like posts but lie outside posts folders", "yellow"),
            f" ({where}). To include them, write in {Path(summary['site']) / SITE_FILE}:",
        )
        say(f"  posts_folders = [{some}]")
    if summary["sites"]:
        some = ", ".join(summary["sites"][:3]) + (", …" if len(summary["sites"]) > 3 else "")
        say(
            ("Sites within the site", "yellow"),
            f": {some}. Their configurations are not read here, nor by Jekyll; "
            "name one of these folders to read it as a site of its own",
        )
    say("Try:")
    for query in summary["queries"]:
        say(f"  {shlex.join([_command(), 'sql', '--warehouse', _short(Path(summary['warehouse'])), query])}")


def _rejected(build: Path) -> list[dict[str, str | None]]:
    """Return path, reason and detail of the first rejected files."""
    rejected = lake.scan(build, "files").filter(outcome="rejected").sort("path").head(SHOWN)
    return [
        {**row, "detail": row["detail"] and shorten(row["detail"], DETAIL, placeholder=" …")}
        for row in rejected.select("path", "reason", "detail").collect().iter_rows(named=True)
    ]


def _queries(build: Path) -> list[str]:
    """Return queries that have rows in this build: one of a report, one of what is wrong."""
    with connect(build / publish.DATABASE) as connection:
        filled = [name for name in SUGGESTED if connection.execute(f"FROM reports.{name} LIMIT 1").fetchone()]
    shown = [f"FROM reports.{name} LIMIT 10" for name in filled if name not in FAULTS][:1]
    return shown + [f"FROM reports.{name}" for name in filled if name in FAULTS][:1]


def _command() -> str:
    """What was typed to run this program."""
    typed = Path(sys.argv[0])
    return _short(typed) if typed.name == "backfile" else "backfile"


def _short(path: Path) -> str:
    """Below the working directory its way from there."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
