"""The report models: a few posts in, the report's rows out."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.tables import NOON, post, table, write_lake
from warehouse import database, queries
from warehouse.connection import connect
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


D = post("_posts/2022-05-03-d.md", words=0, published_on=date(2022, 5, 3))
JULY = post("_posts/2022-07-01-e.md", words=7, published_on=date(2022, 7, 1))


def terms(kind: str, kinds: str, given: list[tuple[dict[str, Any], str]]) -> dict[str, pl.DataFrame]:
    """The posts' terms by key; a key's first letter is its canonical id, whose name is the capital letter."""
    keys = sorted({key for _, key in given})
    return {
        f"post_{kinds}": table(
            f"post_{kinds}",
            *(of(row, position=n, **{kind: key, f"{kind}_key": key}) for n, (row, key) in enumerate(given, 1)),
        ),
        f"{kind}_keys": table(f"{kind}_keys", *({f"{kind}_key": key, f"{kind}_id": key[0]} for key in keys)),
        kinds: table(kinds, *({"id": key, "name": key.upper()} for key in sorted({key[0] for key in keys}))),
    }


MONTHS = [(A, "x"), (A, "x2"), (B, "x"), (C, "x"), (C, "y"), (HIDDEN, "x"), (JULY, "x")]
"""A has x in two spellings, D nothing; no post in June."""
BY_MONTH = [
    ("2022-07", "x", "X", 1, 1, 1.0, 1.0),
    ("2022-05", "x", "X", 1, -1, 0.5, -0.5),
    ("2022-05", "y", "Y", 1, 1, 0.5, 0.5),
    ("2022-04", "x", "X", 2, 2, 1.0, 1.0),
]

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
        {"host": "alias.example", "domain": "alias.example", "alias_of": "a.example"},
        {"host": "elsewhere.example", "domain": "elsewhere.example"},
        {"host": "www.elsewhere.example", "domain": "elsewhere.example"},
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
BODY_LINKS = LINKS | {
    "post_links": table(
        "post_links",
        of(A, position=1, host="elsewhere.example"),
        of(A, position=2, host="www.elsewhere.example"),
        of(B, position=1, host="elsewhere.example"),
        of(B, position=2, host="a.example", role="source"),
        of(B, position=3, host="a.example", kind="internal"),
        of(C, position=1, host="alias.example"),
        of(HIDDEN, position=1, host="elsewhere.example"),
    )
}
THINGS = {
    "post_links": table(
        "post_links",
        of(A, position=1, entity_kind="repository", entity_id="a/b"),
        of(A, position=2, entity_kind="repository", entity_id="a/b"),
        of(B, position=1, entity_kind="repository", entity_id="a/b", role="source"),
        of(B, position=2, entity_kind="category", entity_id="x", role="navigation"),
        of(C, position=1, entity_kind="article", entity_id="1", role="source"),
        of(C, position=2, entity_kind="article", entity_id="2"),
        of(C, position=3, entity_kind="security", entity_id="1.600901"),
        of(C, position=4),
        of(HIDDEN, position=1, entity_kind="repository", entity_id="a/b"),
    ),
    "entities": table("entities", {"entity_kind": "repository", "entity_id": "a/b", "name": "The tool"}),
}
LINKED = {
    "posts": table("posts", A | {"url": "/a", "title": "A"}, B | {"url": "/b"}, C | {"url": "/c"}, HIDDEN),
    "post_links": table(
        "post_links",
        of(B, position=1, kind="internal", url="/a"),
        of(B, position=2, kind="internal", url="/a"),
        of(C, position=1, kind="internal", url="/a"),
        of(C, position=2, kind="internal", url="/b", role="navigation"),
        of(A, position=1, kind="internal", url="/a"),
        of(HIDDEN, position=1, kind="internal", url="/b"),
    ),
}


def at(row: dict[str, Any], day: int, hour: int, **more: Any) -> dict[str, Any]:
    """The row with this time of April 2022, in UTC."""
    return row | {"published_at": datetime(2022, 4, day, hour, tzinfo=UTC), **more}


def build(started_at: datetime, **counts: str) -> dict[str, Any]:
    return {"build_id": started_at.isoformat(), "started_at": started_at, "counts": json.dumps(counts)}


HOURS = {  # 2022-04-15 is a Friday; 16:00 UTC is midnight in Shanghai
    "posts": table("posts", at(A, 15, 12), at(B, 15, 12), at(C, 15, 16), at(D, 15, 17), at(HIDDEN, 15, 12)),
    "builds": table(
        "builds", build(NOON, timezone="Europe/Berlin"), build(NOON + timedelta(1), timezone="Asia/Shanghai")
    ),
}
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def week(*busy: tuple[int, int, int]) -> list[tuple[int, str, int, int]]:
    """The whole week by hours, with the posts of those hours that have any: weekday, hour, posts."""
    posts = {(weekday, hour): count for weekday, hour, count in busy}
    return [
        (weekday, name, hour, posts.get((weekday, hour), 0))
        for weekday, name in enumerate(NAMES, 1)
        for hour in range(24)
    ]


RECENT = [post(f"_posts/2022-04-{day:02}-r.md", published_on=date(2022, 4, day)) for day in range(5, 13)]
BEFORE = [post(f"_posts/2022-01-{day:02}-b.md", published_on=date(2022, 1, day)) for day in range(11, 27)]
OLDER = post("_posts/2022-01-10-o.md", published_on=date(2022, 1, 10))
LAST = post("_posts/2022-05-02-l.md", published_on=MAY, state="hidden")
RISING = {  # 8 posts of the last 28 days, from the 5th of April to the 2nd of May, and 16 of the 84 before
    "posts": table("posts", *RECENT[:-1], RECENT[-1] | {"published_on": MAY}, *BEFORE, OLDER, LAST),
    **terms(
        "category",
        "categories",
        [
            *((row, "rises") for row in RECENT[:6]),
            *((row, "stays") for row in [*RECENT[:2], *BEFORE[:4]]),
            (OLDER, "rises"),
        ],
    ),
    **terms(
        "tag",
        "tags",
        [*((row, "fades") for row in BEFORE[:14]), *((row, "noise") for row in RECENT[:4]), (LAST, "noise")],
    ),
}
TWIN = post("_posts/2022-04-16-twin.md", published_on=date(2022, 4, 16))
CARRIED = {
    "posts": table("posts", at(A, 15, 12), at(B, 15, 14), at(C, 15, 18), at(TWIN, 16, 12), at(D, 15, 1), HIDDEN),
    "post_sources": table(
        "post_sources",
        of(A, publisher="松河日报"),
        of(B, publisher="TechDaily"),
        of(C, publisher="TechDaily"),
        of(TWIN, publisher="松河日报"),
        of(D),
        of(HIDDEN, publisher="Gazette"),
    ),
    "duplicates": table(
        "duplicates",
        *({"cluster_id": "1", "path": row["path"], "reason": "text"} for row in (A, B, C, TWIN, HIDDEN)),
        {"cluster_id": "2", "path": D["path"], "reason": "near"},
        {"cluster_id": "2", "path": "gone", "reason": "near"},
    ),
}


def change(path: str, what: str, hours: int, old_path: str | None = None) -> dict[str, Any]:
    """A change that a build saw so many hours after noon."""
    seen = NOON + timedelta(hours=hours)
    return {
        "build_id": str(hours),
        "month": "2022-04",
        "seen_at": seen,
        "path": path,
        "change": what,
        "old_path": old_path,
    }


EDITS = {
    "posts": table("posts", A | {"title": "A"}, B, C, at(D, 20, 12), HIDDEN),
    "changes": table(
        "changes",
        change("_drafts/a.md", "added", -2),
        change("_drafts/a.md", "edited", -1),
        change("_posts/a.md", "moved", 1, "_drafts/a.md"),
        change("_posts/a.md", "edited", 2),
        change(A["path"], "moved", 72, "_posts/a.md"),
        change(A["path"], "edited", 96),
        change(B["path"], "edited", 3),
        change(C["path"], "added", 3),
        change(D["path"], "edited", 3),
        change(HIDDEN["path"], "edited", 3),
        change("_posts/removed.md", "edited", 3),
    ),
}
DAYS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 26, 27]
PAUSES = [post(f"_posts/2022-04-{day:02}-x.md", published_on=date(2022, 4, day)) for day in DAYS]
TITLED = '{"title": "One"}'
WRONG = {
    "posts": table(
        "posts",
        A | {"url": "/a", "date_flags": ["rolled_over", "read_as_utc"], "front_matter": TITLED, "words": 1},
        B | {"url": "/a", "date_flags": ["read_as_utc"], "front_matter": '{"title": " "}', "words": 1},
        C | {"url": "/c", "front_matter_state": "salvaged", "front_matter": TITLED, "words": 1},
        D | {"url": "/d", "front_matter_state": "absent", "words": 0},
    ),
    "post_sources": table("post_sources", of(A, source_url="s"), of(B, source_url="s"), of(C, source_url="s"), of(D)),
    "files": table(
        "files",
        *(of(row) for row in (A, B, C, D)),
        {"path": "_posts/2022-05-09-bad.md", "month": "2022-05", "outcome": "rejected", "reason": "bad_date"},
        {"path": "_posts/x.md", "month": "undated", "outcome": "rejected", "reason": "no_date"},
        {"path": "_posts/x.png", "month": "undated", "outcome": "ignored", "reason": "not_a_post_name"},
    ),
    "duplicates": table("duplicates", *({"cluster_id": "1", "path": row["path"], "reason": "text"} for row in (A, B))),
    "post_links": table("post_links", *(of(C, position=n, kind="broken") for n in (1, 2)), of(A, kind="external")),
    "tags": table("tags", *({"id": name, "name": name.upper()} for name in ("fonts", "font", "tool", "fotn"))),
    "suspects": table(
        "suspects",
        {"kind": "tag", "term": "fonts", "other": "font", "score": 0.9, "posts": 3, "other_posts": 2},
        {"kind": "tag", "term": "fonts", "other": "fotn", "score": 0.9, "posts": 3, "other_posts": 1},
        {"kind": "tag", "term": "font", "other": "fotn", "score": 0.95, "posts": 2, "other_posts": 1},
    ),
}
LONG = [post(f"_posts/2022-04-{n:02}-n.md", words=words) for n, words in enumerate((0, 9, 10, 10, 25000), 1)]


PLAIN: dict[str, pl.DataFrame] = {}
CASES = [
    pytest.param("volume_by_day", PLAIN, [(MAY, 1, 5, 5), (APRIL, 2, 40, 20)], id="volume_by_day"),
    pytest.param("volume_by_month", PLAIN, [("2022-05", 1, 5, 5, 1), ("2022-04", 2, 40, 20, 1)], id="volume_by_month"),
    pytest.param(
        "volume_by_weekday",
        PLAIN,
        [
            (number, name, posts, days, posts / days)
            for number, (name, posts, days) in enumerate(
                zip(NAMES, (1, 0, 0, 0, 2, 0, 0), (3, 2, 2, 2, 3, 3, 3), strict=True), 1
            )
        ],
        id="volume_by_weekday",
    ),
    pytest.param("volume_by_weekday_and_hour", HOURS, week((5, 20, 2), (6, 1, 1)), id="volume_by_weekday_and_hour"),
    pytest.param(
        "volume_by_weekday_and_hour",
        HOURS | {"builds": table("builds", build(NOON, timezone="Nowhere/Else"))},
        week((5, 12, 2), (5, 16, 1), (5, 17, 1)),
        id="volume_by_weekday_and_hour-unknown-zone",
    ),
    pytest.param(
        "volume_by_weekday_and_hour",
        HOURS | {"builds": table("builds", build(NOON))},
        week((5, 12, 2), (5, 16, 1), (5, 17, 1)),
        id="volume_by_weekday_and_hour-older-build",
    ),
    pytest.param(
        "volume_by_hour",
        HOURS,
        [(hour, posts, posts / 3) for hour, posts in enumerate([0, 1, *[0] * 18, 2, 0, 0, 0])],
        id="volume_by_hour",
    ),
    pytest.param(
        "categories_by_month",
        terms("category", "categories", MONTHS) | {"posts": table("posts", A, B, C, D, HIDDEN, JULY)},
        BY_MONTH,
        id="categories_by_month",
    ),
    pytest.param(
        "tags_by_month",
        terms("tag", "tags", MONTHS) | {"posts": table("posts", A, B, C, D, HIDDEN, JULY)},
        BY_MONTH,
        id="tags_by_month",
    ),
    pytest.param(
        "rising_terms",
        RISING,
        [
            ("tag", "f", "F", 0, 14, 0.0, 0.875, -7.0, "fading"),
            ("category", "r", "R", 6, 0, 0.75, 0.0, 6.0, "rising"),
        ],
        id="rising_terms",
    ),
    pytest.param(
        "publishers", PLAIN, [("松河日报", 2, 1, APRIL, APRIL), ("TechDaily", 1, 1, MAY, MAY)], id="publishers"
    ),
    pytest.param("sources", LINKS, [("a.example", "a.example", 2, 2, APRIL, MAY)], id="sources"),
    pytest.param(
        "link_domains",
        BODY_LINKS,
        [("elsewhere.example", 3, 2, 2, APRIL, APRIL), ("a.example", 1, 1, 1, MAY, MAY)],
        id="link_domains",
    ),
    pytest.param(
        "linked_entities",
        THINGS,
        [("repository", "a/b", "a/b", 2, 3, APRIL, APRIL), ("article", "2", "2", 1, 1, MAY, MAY)],
        id="linked_entities",
    ),
    pytest.param("linked_posts", LINKED, [(A["path"], "A", APRIL, 2, 3)], id="linked_posts"),
    pytest.param(
        "securities",
        SECURITIES,
        [
            ("1.600901", "Shanghai", "600901", "松河电力", 2, 3, 2, APRIL, MAY),
            ("0.000902", "Shenzhen", "000902", "南浦港务", 1, 1, 1, APRIL, APRIL),
            ("0.830799", "Beijing", "830799", "830799", 1, 1, 1, APRIL, APRIL),
            ("177.X.Y", "177", "X.Y", "X.Y", 1, 1, 1, APRIL, APRIL),
            ("90.BK0493", "Sector", "BK0493", "BK0493", 1, 1, 1, APRIL, APRIL),
        ],
        id="securities",
    ),
    pytest.param(
        "securities_by_week",
        {
            "posts": table("posts", A, B, C, TWIN, D, HIDDEN),
            "post_sources": table(
                "post_sources",
                of(A, publisher="TechDaily"),
                of(B, publisher="松河日报"),
                of(TWIN, publisher="松河日报"),
                of(C),
                of(D, publisher="TechDaily"),
                of(HIDDEN, publisher="Gazette"),
            ),
            "post_links": table(
                "post_links",
                *(of(row, entity_kind="security", entity_id="1.600901") for row in (A, B, TWIN, C, HIDDEN)),
                of(A, position=2, entity_kind="security", entity_id="1.600901"),
                of(D, entity_kind="security", entity_id="90.BK0493"),
            ),
            "entities": SECURITIES["entities"],
        },
        [
            (MAY, "1.600901", "松河电力", "Shanghai", 1, []),
            (MAY, "90.BK0493", "BK0493", "Sector", 1, ["TechDaily"]),
            (date(2022, 4, 11), "1.600901", "松河电力", "Shanghai", 3, ["松河日报", "TechDaily"]),
        ],
        id="securities_by_week",
    ),
    pytest.param("syndication", CARRIED, [("松河日报", "TechDaily", 1, 2.0, A["path"], B["path"])], id="syndication"),
    pytest.param(
        "late_edits",
        EDITS,
        [
            (A["path"], "A", NOON, 2, NOON + timedelta(hours=2), NOON + timedelta(hours=96), 96.0),
            (B["path"], None, NOON, 1, NOON + timedelta(hours=3), NOON + timedelta(hours=3), 3.0),
        ],
        id="late_edits",
    ),
    pytest.param(
        "gaps",
        {"posts": table("posts", *PAUSES)},
        [(date(2022, 4, 21), date(2022, 4, 25), 5)],
        id="gaps",
    ),
    pytest.param(
        "lengths",
        {"posts": table("posts", *LONG)},
        [
            ("0", 0, 0, 1, 0.2),
            ("1–9", 1, 9, 1, 0.2),
            ("10–19", 10, 19, 2, 0.4),
            ("20–49", 20, 49, 0, 0.0),
            ("50–99", 50, 99, 0, 0.0),
            ("100–199", 100, 199, 0, 0.0),
            ("200–499", 200, 499, 0, 0.0),
            ("500–999", 500, 999, 0, 0.0),
            ("1,000–1,999", 1000, 1999, 0, 0.0),
            ("2,000–4,999", 2000, 4999, 0, 0.0),
            ("5,000–9,999", 5000, 9999, 0, 0.0),
            ("10,000 or more", 10000, None, 1, 0.2),
        ],
        id="lengths",
    ),
    pytest.param(
        "lengths_by_month",
        {"posts": table("posts", *LONG, C)},
        [("2022-05", 1, 5, 5, 5), ("2022-04", 5, 0, 10, 25000)],
        id="lengths_by_month",
    ),
    pytest.param(
        "code_languages_by_year",
        {
            "posts": table("posts", A, B, C | {"published_on": date(2023, 1, 1)}, HIDDEN),
            "post_code_blocks": table(
                "post_code_blocks",
                of(A, position=1, language="Ruby", lines=3),
                of(A, position=2, language="ruby", lines=2),
                of(A, position=3, lines=1),
                of(B, position=1, language="ruby", lines=1),
                of(C, position=1, lines=7),
                of(HIDDEN, position=1, language="ruby", lines=1),
            ),
        },
        [
            ("2023", "none named", 1, 7, 1, 1.0),
            ("2022", "ruby", 3, 6, 2, 1.0),
            ("2022", "none named", 1, 1, 1, 0.5),
        ],
        id="code_languages_by_year",
    ),
    pytest.param(
        "images_without_alt",
        {
            "posts": table("posts", A | {"title": "A"}, B, HIDDEN),
            "post_links": table(
                "post_links",
                of(A, position=1, element="img", role="image", url="/1", anchor=""),
                of(A, position=2, element="img", role="image", url="/2"),
                of(A, position=3, element="iframe", role="image", url="/3"),
                of(A, position=4, element="img", role="image", url="/4"),
                of(B, position=1, element="img", role="image", url="/5", anchor="x"),
                of(HIDDEN, position=1, element="img", role="image", url="/6"),
            ),
        },
        [(A["path"], "A", date(2022, 4, 15), 2, 3, ["/2", "/4"])],
        id="images_without_alt",
    ),
    pytest.param(
        "url_collisions",
        {"posts": table("posts", A | {"url": "/x"}, B | {"url": "/x"}, C | {"url": "/c"}, HIDDEN | {"url": "/c"})},
        [("/x", 2, [A["path"], B["path"]])],
        id="url_collisions",
    ),
    pytest.param(
        "suspect_terms",
        {key: WRONG[key] for key in ("tags", "suspects")},
        [
            ("tag", "FONT", "FOTN", 2, 1, 0.95, "font", "fotn"),
            ("tag", "FONTS", "FONT", 3, 2, 0.9, "fonts", "font"),
            ("tag", "FONTS", "FOTN", 3, 1, 0.9, "fonts", "fotn"),
        ],
        id="suspect_terms",
    ),
    pytest.param(
        "data_quality",
        WRONG,
        [
            ("date: read_as_utc", "posts", 2, 0.5, A["path"]),
            ("may be another tag", "tags", 2, 0.5, "FONT"),
            ("address of another post", "posts", 1, 0.25, B["path"]),
            ("broken link", "posts", 1, 0.25, C["path"]),
            ("date: rolled_over", "posts", 1, 0.25, A["path"]),
            ("front matter salvaged", "posts", 1, 0.25, C["path"]),
            ("no front matter", "posts", 1, 0.25, D["path"]),
            ("no source, as most have one", "posts", 1, 0.25, D["path"]),
            ("no text", "posts", 1, 0.25, D["path"]),
            ("no title", "posts", 1, 0.25, B["path"]),
            ("rejected: bad_date", "files", 1, 1 / 6, "_posts/2022-05-09-bad.md"),
            ("rejected: no_date", "files", 1, 1 / 6, "_posts/x.md"),
            ("repeats another post", "posts", 1, 0.25, B["path"]),
        ],
        id="data_quality",
    ),
    pytest.param(
        "data_quality",
        {"posts": table("posts", *(row | {"url": row["path"], "front_matter": TITLED} for row in (A, B, C, HIDDEN)))},
        [],
        id="data_quality-sources-of-no-more-than-half",
    ),
    pytest.param(
        "data_quality_by_month",
        WRONG,
        [
            ("2022-05", 3, 1, 1, 0, 1 / 3, 1 / 3, 0.0),
            ("2022-04", 2, 0, 0, 2, 0.0, 0.0, 1.0),
            ("undated", 1, 1, 0, 0, 1.0, 0.0, 0.0),
        ],
        id="data_quality_by_month",
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
    assert {case.values[0] for case in CASES} == {model.name for model in queries.models()}


Staged = Callable[[dict[str, pl.DataFrame]], Path]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    """Makes the build of some posts and the case's tables, once for all cases that share them."""
    made: dict[int, Path] = {}

    def stage(more: dict[str, pl.DataFrame]) -> Path:
        if id(more) not in made:
            made[id(more)] = tmp_path_factory.mktemp("build")
            frames = {"posts": table("posts", A, B, C, HIDDEN), "post_sources": SOURCES} | more
            write_lake(made[id(more)], **frames)
            database.stage(made[id(more)], None)
        return made[id(more)]

    return stage


@pytest.mark.parametrize(("model", "more", "expected"), CASES)
def test_report(model: str, more: dict[str, pl.DataFrame], expected: list[tuple[Any, ...]], staged: Staged) -> None:
    with connect(staged(more) / DATABASE) as connection:
        assert connection.execute(f"SELECT * FROM reports.{model}").fetchall() == expected


def test_of_nothing_there_is_nothing_to_report(tmp_path: Path) -> None:
    write_lake(tmp_path)
    database.stage(tmp_path, None)
    with connect(tmp_path / DATABASE) as connection:
        found = {model.name: connection.execute(f"FROM reports.{model.name}").fetchall() for model in queries.models()}
    assert found == {model.name: [] for model in queries.models()}
