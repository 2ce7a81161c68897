"""The report models: a few posts in, the report's rows out."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.tables import NOON, post, table, write_lake
from warehouse import database, queries
from warehouse.publish import DATABASE

A = post("_posts/2022-04-15-a.md", words=10)
B = post("_posts/2022-04-15-b.md", words=30)
C = post("_posts/2022-05-02-c.md", words=5, published_on=date(2022, 5, 2))
HIDDEN = post("_posts/2022-04-15-d.md", words=999, state="hidden")


def of(row: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"path": row["path"], "month": row["month"], **more}


SOURCES = table(
    "post_sources",
    of(A, publisher="松河日报", source_url="https://a.example/1"),
    of(B, publisher="松河日报"),
    of(C, publisher="TechDaily", source_url="https://b.example/1"),
    of(HIDDEN, publisher="松河日报"),
)


def terms(kind: str, kinds: str) -> dict[str, pl.DataFrame]:
    """A and B have x, A in two spellings; C has y; the hidden post has x too."""
    rows = [of(A, position=1), of(A, position=2), of(B), of(C), of(HIDDEN)]
    keys = ["x", "x2", "x", "y", "x"]
    return {
        f"post_{kinds}": table(
            f"post_{kinds}", *(row | {kind: key, f"{kind}_key": key} for row, key in zip(rows, keys, strict=True))
        ),
        f"{kind}_keys": table(
            f"{kind}_keys", *({f"{kind}_key": key, f"{kind}_id": key[0]} for key in ("x", "x2", "y"))
        ),
        kinds: table(kinds, {"id": "x", "name": "X"}, {"id": "y", "name": "Y"}),
    }


LINKS = {
    "post_links": table(
        "post_links",
        of(A, position=1, role="source", host="a.example", domain="a.example"),
        of(A, position=2, role="body", host="elsewhere.example", domain="elsewhere.example"),
        of(C, role="source", host="alias.example", domain="alias.example"),
        of(HIDDEN, role="source", host="a.example", domain="a.example"),
    ),
    "hosts": table(
        "hosts",
        {"host": "a.example", "domain": "a.example"},
        {"host": "alias.example", "domain": "a.example", "alias_of": "a.example"},
    ),
}
KINDS = {"0.000902": "南浦港务", "0.830799": None, "1.600901": "松河电力", "90.BK0493": None, "177.X.Y": None}
SECURITIES = {
    "post_links": table(
        "post_links",
        of(A, position=1, entity_kind="security", entity_id="1.600901"),
        of(A, position=2, entity_kind="security", entity_id="1.600901"),
        of(A, position=3, entity_kind="repository", entity_id="a/b"),
        of(C, position=1, entity_kind="security", entity_id="1.600901"),
        of(HIDDEN, position=1, entity_kind="security", entity_id="1.600901"),
        *(
            of(B, position=position, entity_kind="security", entity_id=security)
            for position, security in enumerate(sorted(KINDS.keys() - {"1.600901"}), 1)
        ),
    ),
    "entities": table(
        "entities",
        {"entity_kind": "repository", "entity_id": "a/b"},
        *({"entity_kind": "security", "entity_id": key, "name": name} for key, name in KINDS.items()),
    ),
}
REJECTED = {
    "files": table(
        "files",
        *(of(row, outcome=row.get("state", "published")) for row in (A, B, C, HIDDEN)),
        {
            "path": "_posts/2022-04-15-bad.md",
            "outcome": "rejected",
            "reason": "no_date",
            "detail": "+0800",
            "modified_at": NOON,
        },
        {"path": "_posts/picture.png", "month": "undated", "outcome": "ignored", "reason": "name"},
    )
}
FLAGGED = [
    A | {"date_flags": ["read_as_utc", "differs_from_name"]},
    B | {"date_flags": ["read_as_utc"]},
    C,
    HIDDEN,
]
APRIL, MAY = date(2022, 4, 15), date(2022, 5, 2)


CASES = [
    pytest.param("volume_by_day", {}, [(MAY, 1, 5, 5), (APRIL, 2, 40, 20)], id="volume_by_day"),
    pytest.param(
        "categories_by_month",
        terms("category", "categories"),
        [("2022-05", "y", "Y", 1, 1.0), ("2022-04", "x", "X", 2, 1.0)],
        id="categories_by_month",
    ),
    pytest.param(
        "tags_by_month",
        terms("tag", "tags"),
        [("2022-05", "y", "Y", 1, 1.0), ("2022-04", "x", "X", 2, 1.0)],
        id="tags_by_month",
    ),
    pytest.param("publishers", {}, [("松河日报", 2, 1, APRIL, APRIL), ("TechDaily", 1, 1, MAY, MAY)], id="publishers"),
    pytest.param("sources", LINKS, [("a.example", "a.example", 2, 2, APRIL, MAY)], id="sources"),
    pytest.param(
        "securities",
        SECURITIES,
        [
            ("1.600901", "Shanghai", "600901", "松河电力", 2, 3, 2, APRIL, MAY),
            ("0.000902", "Shenzhen", "000902", "南浦港务", 1, 1, 1, APRIL, APRIL),
            ("0.830799", "Beijing", "830799", None, 1, 1, 1, APRIL, APRIL),
            ("177.X.Y", "177", "X.Y", None, 1, 1, 1, APRIL, APRIL),
            ("90.BK0493", "Sector", "BK0493", None, 1, 1, 1, APRIL, APRIL),
        ],
        id="securities",
    ),
    pytest.param(
        "rejected_files", REJECTED, [("_posts/2022-04-15-bad.md", "no_date", "+0800", NOON)], id="rejected_files"
    ),
    pytest.param(
        "date_surprises_by_month",
        {"posts": table("posts", *FLAGGED)},
        [
            ("2022-04", "read_as_utc", 2, 2 / 3, A["path"]),
            ("2022-04", "differs_from_name", 1, 1 / 3, A["path"]),
        ],
        id="date_surprises_by_month",
    ),
]


def test_every_report_has_a_case() -> None:
    assert sorted(str(case.id) for case in CASES) == [model.name for model in queries.models()]


@pytest.mark.parametrize(("model", "more", "expected"), CASES)
def test_report(model: str, more: dict[str, pl.DataFrame], expected: list[tuple[Any, ...]], tmp_path: Path) -> None:
    write_lake(tmp_path, **({"posts": table("posts", A, B, C, HIDDEN), "post_sources": SOURCES} | more))
    database.stage(tmp_path, None)
    with database.connect(tmp_path / DATABASE) as connection:
        assert connection.execute(f"SELECT * FROM reports.{model}").fetchall() == expected
