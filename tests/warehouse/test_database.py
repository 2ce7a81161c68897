"""The database: staged from the lake, equal whether anew or by parts, described, open to older clients."""

import errno
import os
import shutil
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.tables import post, table, write_lake
from warehouse import contracts, database, lake, queries, shown
from warehouse.connection import STORAGE_VERSION, connect, identifier
from warehouse.publish import DATABASE

APRIL, MAY = post("_posts/2022-04-15-a.md", title="a", tags=["X"]), post("_posts/2023-05-01-b.md", title="b")
TABLES = {
    "post_tags": table(
        "post_tags", APRIL_TAG := {"path": APRIL["path"], "month": "2022-04", "tag": "X", "tag_key": "x"}
    ),
    "tag_keys": table("tag_keys", {"tag_key": "x", "tag_id": "ex"}),
    "tags": table("tags", {"id": "ex", "name": "X"}),
    "post_sources": table(
        "post_sources",
        {"path": APRIL["path"], "month": "2022-04", "publisher": "P"},
        {"path": MAY["path"], "month": "2023-05"},
    ),
}


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of two posts in two months, for tests that only read."""
    build = tmp_path_factory.mktemp("staged")
    write_lake(build, posts=table("posts", APRIL, MAY), **TABLES)
    database.stage(build, None)
    return build


@pytest.fixture
def build(staged: Path, tmp_path: Path) -> Path:
    """For tests that stage the next build on it."""
    return shutil.copytree(staged, tmp_path / "1")


def ask(build: Path, query: str) -> list[tuple[object, ...]]:
    with connect(build / DATABASE) as connection:
        return connection.execute(query).fetchall()


def _is(table: str) -> str:
    """Return the condition on DuckDB's catalogue by which the table is found."""
    schema, _, name = shown.full_name(table).rpartition(".")
    return f"schema_name = '{schema or 'main'}' AND table_name = '{name}'"


@pytest.mark.parametrize("name", list(contracts.TABLES))
def test_columns_and_types_are_the_contracts(name: str, staged: Path) -> None:
    found = ask(
        staged,
        f"SELECT column_name, data_type FROM duckdb_columns() WHERE {_is(name)}",
    )
    expected = {
        column: kind.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE") for column, kind in shown.columns(name).items()
    }
    assert {str(column): kind for column, kind in found} == expected


@pytest.mark.parametrize("name", list(contracts.TABLES))
def test_every_table_and_column_has_its_comment(name: str, staged: Path) -> None:
    comments = ask(
        staged,
        f"SELECT column_name, comment FROM duckdb_columns() WHERE {_is(name)}",
    )
    assert {str(column): comment for column, comment in comments} == shown.descriptions(name)


def test_nothing_in_the_database_lacks_a_comment(staged: Path) -> None:
    query = "SELECT schema_name, table_name FROM duckdb_columns() WHERE database_name = 'warehouse' AND comment IS NULL"
    assert ask(staged, query) == []


def test_an_excerpt_is_the_start_of_the_text_or_the_front_matters(tmp_path: Path) -> None:
    bodies: dict[str, dict[str, object]] = {
        "cut": {"text": "Début. Rest.", "excerpt_characters": 6},
        "empty": {"text": "Rest.", "excerpt_characters": 0},
        "own": {"text": "Rest.", "excerpt_characters": None},
        "none": {"text": "Rest.", "excerpt_characters": None},
    }
    posts = [post(f"_posts/2022-04-15-{name}.md") for name in bodies]
    posts[2]["front_matter"] = '{"excerpt": "My *own*"}'
    rows = [
        {"path": row["path"], "month": row["month"], **body} for row, body in zip(posts, bodies.values(), strict=True)
    ]
    write_lake(tmp_path, posts=table("posts", *posts), post_bodies=table("post_bodies", *rows))
    database.stage(tmp_path, None)
    found = ask(tmp_path, "SELECT path[19:-4], excerpt FROM post_bodies ORDER BY ALL")
    assert found == [("cut", "Début."), ("empty", ""), ("none", ""), ("own", "My *own*")]


def test_every_report_and_its_columns_are_described(staged: Path) -> None:
    assert (
        ask(
            staged,
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'reports' AND comment IS NULL",
        )
        == []
    )


def test_posts_show_their_source(staged: Path) -> None:
    assert ask(staged, "SELECT title, publisher FROM posts ORDER BY title") == [("a", "P"), ("b", None)]


def test_terms_show_their_canonical_id(staged: Path) -> None:
    assert ask(staged, "SELECT tag, tag_key, tag_id FROM post_tags") == [("X", "x", "ex")]


def test_bodies_show_their_excerpt(tmp_path: Path) -> None:
    said = {"a": ("{}", 3), "b": ('{"excerpt": "own"}', None), "c": ("{}", None)}
    posts = [post(f"_posts/2022-04-15-{name}.md", front_matter=front) for name, (front, _) in said.items()]
    bodies = [
        {"path": row["path"], "month": row["month"], "text": "甲乙 text", "excerpt_characters": characters}
        for row, (_, characters) in zip(posts, said.values(), strict=True)
    ]
    write_lake(tmp_path, posts=table("posts", *posts), post_bodies=table("post_bodies", *bodies))
    database.stage(tmp_path, None)
    assert ask(tmp_path, "SELECT excerpt FROM post_bodies ORDER BY path") == [("甲乙 ",), ("own",), ("",)]


SITE = (
    post("_posts/2022-04-15-a.md", slug="a", url="/2022/04/15/a.html"),
    post("_posts/2022-04-16-twin.md", slug="twin", url="/twin/", rendered=False),
    post("news/_posts/2022-04-16-twin.md", slug="twin", url="/news/twin/"),
    post("_posts/below/2022-04-17-deep.v1.md", slug="deep-v1", url="/deep"),
    post("old_post/2022-04-15-c.md", slug="c", url="/c/index.html"),
)
LEADS = {
    "post_url": ({"entity_kind": "post", "entity_id": "2022-04-15-a"}, "/2022/04/15/a.html"),
    "post_url with a slash before it": ({"entity_kind": "post", "entity_id": "/2022-04-15-a"}, "/2022/04/15/a.html"),
    "post_url below _posts": ({"entity_kind": "post", "entity_id": "below/2022-04-17-deep.v1"}, "/deep"),
    "post_url above _posts": ({"entity_kind": "post", "entity_id": "news/2022-04-16-twin"}, "/news/twin/"),
    "post_url in the root before others": ({"entity_kind": "post", "entity_id": "2022-04-16-twin"}, "/twin/"),
    "post_url by date and slug": ({"entity_kind": "post", "entity_id": "2022-4-15-c"}, "/c/index.html"),
    "post_url of another date": ({"entity_kind": "post", "entity_id": "2022-04-16-a"}, None),
    "post_url of no date": ({"entity_kind": "post", "entity_id": "2022-99-99-a"}, None),
    "link": ({"entity_kind": "post", "entity_id": "_posts/2022-04-15-a.md"}, "/2022/04/15/a.html"),
    "post_url that names _posts": ({"entity_kind": "post", "entity_id": "_posts/2022-04-15-a"}, "/2022/04/15/a.html"),
    "link to a page": ({"entity_kind": "post", "entity_id": "about.md"}, None),
    "its url": ({"canonical_url": "https://site.example/2022/04/15/a.html"}, "/2022/04/15/a.html"),
    "its url without extension": ({"canonical_url": "https://site.example/2022/04/15/a"}, "/2022/04/15/a.html"),
    "its folder": ({"canonical_url": "https://site.example/c/?page=2"}, "/c/index.html"),
    "its url, the site without one": ({"url": "/deep"}, "/deep"),
    "another page": ({"canonical_url": "https://site.example/2022/"}, None),
    "the same path elsewhere": ({"kind": "external", "canonical_url": "https://else.example/deep"}, None),
}


@pytest.fixture(scope="module")
def leading(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of a post with all these links."""
    build = tmp_path_factory.mktemp("leading")
    posts = [{"published_on": date.fromisoformat(row["name"][:10])} | row for row in SITE]
    at = {"path": SITE[0]["path"], "month": "2022-04", "kind": "internal"}
    links = [at | {"position": position} | link for position, (link, _) in enumerate(LEADS.values(), 1)]
    write_lake(build, posts=table("posts", *posts), post_links=table("post_links", *links))
    database.stage(build, None)
    return build


@pytest.mark.parametrize("name", LEADS)
def test_links_show_the_post_they_lead_to(name: str, leading: Path) -> None:
    position, url = list(LEADS).index(name) + 1, LEADS[name][1]
    assert ask(leading, f"SELECT target_url FROM post_links WHERE position = {position}") == [(url,)]


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        ("https://site.example/blog/may", True),
        ("/blog/may/", True),
        ("https://site.example/may", False),
        ("https://site.example/blogs/may", False),
    ],
    ids=["by its url", "from the host's root", "outside the site", "of another site"],
)
def test_a_url_leads_to_a_post_below_the_sites_root(url: str, leads: bool, tmp_path: Path) -> None:
    link = {"path": APRIL["path"], "month": "2022-04", "kind": "internal", "url": url}
    write_lake(tmp_path, posts=table("posts", APRIL, MAY | {"url": "/may/"}), post_links=table("post_links", link))
    database.stage(tmp_path, None, root="/blog")
    assert ask(tmp_path, "SELECT target_path FROM post_links") == [(MAY["path"] if leads else None,)]


def test_a_link_follows_the_post_it_leads_to(tmp_path: Path) -> None:
    link = {"path": APRIL["path"], "month": "2022-04", "kind": "internal", "url": "/new"}
    write_lake(
        tmp_path / "1",
        posts=table("posts", APRIL, MAY, *(post(f"_posts/2022-{n:02}-01-c.md") for n in range(6, 10))),
        post_links=table("post_links", link),
    )
    database.stage(tmp_path / "1", None)
    changed = next_build(tmp_path / "1", "2", "2023", posts=table("posts", MAY | {"url": "/new"}))
    database.stage(changed, tmp_path / "1")
    assert ask(changed, "SELECT target_path FROM post_links") == [(MAY["path"],)]


def test_bodies_are_read_from_the_builds_lake(staged: Path) -> None:
    assert ask(staged, "SELECT path, month FROM post_bodies ORDER BY path") == [
        (row["path"], row["month"]) for row in (APRIL, MAY)
    ]


def test_times_are_shown_in_utc(staged: Path) -> None:
    assert ask(staged, "SELECT CAST(published_at AS VARCHAR) FROM posts LIMIT 1") == [("2022-04-15 12:00:00+00",)]


def test_an_empty_lake_makes_empty_tables(tmp_path: Path) -> None:
    write_lake(tmp_path)
    database.stage(tmp_path, None)
    assert [ask(tmp_path, f"SELECT count(*) FROM {shown.full_name(name)}") for name in contracts.TABLES] == [
        [(0,)]
    ] * len(contracts.TABLES)


def next_build(previous: Path, name: str, year: str, **frames: object) -> Path:
    """Return a build that carries all but one year, whose posts it has anew."""
    new = previous.parent / name
    for monthly in contracts.MONTHLY:
        lake.carry(previous, new, monthly, frozenset([year]))
    write_lake(new, **frames)  # type: ignore[arg-type]  # frames by table
    return new


def test_only_the_changed_years_are_replaced(tmp_path: Path) -> None:
    later = [post(f"_posts/{year}-06-01-c.md", title="c") for year in range(2024, 2028)]
    write_lake(tmp_path / "1", posts=table("posts", APRIL, MAY, *later), **TABLES)
    database.stage(tmp_path / "1", None)
    changed = next_build(
        tmp_path / "1",
        "2",
        "2023",
        posts=table("posts", MAY | {"title": "changed"}),
        tags=TABLES["tags"],
        tag_keys=TABLES["tag_keys"],
    )
    database.stage(changed, tmp_path / "1")
    assert ask(changed, "SELECT title FROM posts ORDER BY path") == [
        ("a",),
        ("changed",),
        ("c",),
        ("c",),
        ("c",),
        ("c",),
    ]


def test_the_database_before_is_copied_also_where_the_kernel_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> int:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    later = [post(f"_posts/{year}-06-01-c.md", title="c") for year in range(2024, 2028)]
    write_lake(tmp_path / "1", posts=table("posts", APRIL, MAY, *later), **TABLES)
    database.stage(tmp_path / "1", None)
    without = next_build(tmp_path / "1", "2", "2023")
    monkeypatch.setattr(os, "copy_file_range", unknown)
    database.stage(without, tmp_path / "1")
    assert ask(without, "SELECT count(*) FROM posts") == [(5,)]


def test_a_year_that_is_gone_is_gone(tmp_path: Path) -> None:
    later = [post(f"_posts/{year}-06-01-c.md", title="c") for year in range(2024, 2028)]
    write_lake(tmp_path / "1", posts=table("posts", APRIL, MAY, *later), **TABLES)
    database.stage(tmp_path / "1", None)
    without = next_build(tmp_path / "1", "2", "2023")
    database.stage(without, tmp_path / "1")
    assert ask(without, "SELECT count(*) FROM posts WHERE month = '2023-05'") == [(0,)]


NEAR_MAY = post("_posts/2023-05-02-d.md", title="d")
FOUR = [APRIL, MAY, NEAR_MAY, post("_posts/2024-06-01-c.md", title="c")]
TOUCHED: dict[str, tuple[list[dict[str, object]], list[str], list[str]]] = {
    "edited": ([MAY | {"title": "new"}, NEAR_MAY], ["2023-05-01-b"], ["kept", "new", "kept", "kept"]),
    "gone": ([NEAR_MAY], ["2023-05-01-b"], ["kept", "kept", "kept"]),
    "come": (
        [MAY, NEAR_MAY, post("_posts/2023-05-03-e.md", title="new")],
        ["2023-05-03-e"],
        [*["kept"] * 3, "new", "kept"],
    ),
    "most": ([MAY, NEAR_MAY], ["2022-04-15-a", "2023-05-01-b", "2023-05-02-d"], ["a", "b", "d", "c"]),
}


@pytest.mark.parametrize(("may", "touched", "titles"), TOUCHED.values(), ids=TOUCHED)
def test_only_the_rows_of_touched_paths_are_replaced(
    may: list[dict[str, object]], touched: list[str], titles: list[str], tmp_path: Path
) -> None:
    write_lake(tmp_path / "1", posts=table("posts", *FOUR), **TABLES)
    database.stage(tmp_path / "1", None)
    with connect(tmp_path / "1" / DATABASE, read_only=False) as connection:
        connection.execute("UPDATE posts SET title = 'kept'")
    new = next_build(
        tmp_path / "1", "2", "2023", posts=table("posts", *may), tags=TABLES["tags"], tag_keys=TABLES["tag_keys"]
    )
    database.stage(new, tmp_path / "1", pl.Series([f"_posts/{name}.md" for name in touched]))
    assert ask(new, "SELECT title FROM posts ORDER BY path") == [(title,) for title in titles]
    assert ask(new, "SELECT count(*) FROM files") == [(len(titles),)]
    assert ask(new, "SELECT publisher FROM posts WHERE publisher IS NOT NULL") == [("P",)]


def test_touched_posts_whose_files_are_as_they_were_stay(build: Path) -> None:
    new = build.parent / "2"
    for monthly in contracts.MONTHLY:
        lake.carry(build, new, monthly)
    database.stage(new, build, pl.Series([MAY["path"]]))
    assert ask(new, "SELECT count(*) FROM posts") == [(2,)]


def test_touched_posts_bring_their_terms_and_sources(build: Path) -> None:
    new = next_build(
        build,
        "2",
        "2022",
        posts=table("posts", APRIL),
        post_tags=table("post_tags", APRIL_TAG | {"tag": "Y"}),
        post_sources=table("post_sources", {"path": APRIL["path"], "publisher": "Q"}),
        tags=TABLES["tags"],
        tag_keys=TABLES["tag_keys"],
    )
    database.stage(new, build, pl.Series([APRIL["path"]]))
    assert ask(new, "SELECT tag FROM post_tags") == [("Y",)]
    assert ask(new, "SELECT publisher FROM posts ORDER BY path") == [("Q",), (None,)]


def test_a_table_of_which_most_is_another_is_loaded_anew_and_the_others_are_kept(build: Path) -> None:
    new = build.parent / "2"
    for monthly in contracts.MONTHLY:
        lake.carry(build, new, monthly)
    written = [{"path": row["path"], "month": row["month"], "tag": "t", "tag_key": "t"} for row in (APRIL, MAY)]
    lake.write_table(new, "post_tags", table("post_tags", *written))
    lake.write_table(new, "tags", TABLES["tags"])
    lake.write_table(new, "tag_keys", TABLES["tag_keys"])
    with connect(build / DATABASE, read_only=False) as connection:
        connection.execute("UPDATE posts SET title = 'kept'")
    database.stage(new, build)
    assert ask(new, "SELECT tag FROM post_tags") == [("t",), ("t",)]
    assert ask(new, "SELECT title FROM posts") == [("kept",), ("kept",)]


def test_the_published_file_is_never_written(build: Path) -> None:
    before = (build / DATABASE).read_bytes()
    write_lake(build.parent / "2", posts=table("posts", APRIL, MAY), **TABLES)
    database.stage(build.parent / "2", build)
    assert (build / DATABASE).read_bytes() == before


def test_no_log_is_left_beside_the_file(staged: Path) -> None:
    assert sorted(path.name for path in staged.iterdir()) == ["lake", DATABASE]


@pytest.mark.parametrize("name", ["plain", 'with "quotes"', "a;b", "schema"], ids=str)
def test_identifiers_are_quoted(name: str, tmp_path: Path) -> None:
    with connect(tmp_path / "x", read_only=False) as connection:
        connection.execute(f"CREATE TABLE {identifier(name)} (a INTEGER)")
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [(name,)]


def test_older_clients_can_open_the_file(staged: Path) -> None:
    with connect(staged / DATABASE) as connection:
        tags = connection.execute(
            "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'warehouse'"
        ).fetchone()
    assert tags is not None
    assert str(tags[0]).startswith(STORAGE_VERSION)


@pytest.mark.parametrize("model", queries.models(), ids=lambda model: model.name)
def test_every_report_describes_just_its_columns(model: queries.Query, staged: Path) -> None:
    found = [str(row[0]) for row in ask(staged, f"DESCRIBE reports.{model.name}")]
    assert list(model.columns) == found


MODELS = {
    "view": "-- title: Posts\n-- purpose: How many.\n-- column posts: Posts\nSELECT count(*) AS posts FROM posts",
    "table": "-- title: Posts\n-- purpose: How many.\n-- materialize: table\n-- column posts: Posts\n"
    "SELECT count(*) AS posts FROM posts",
}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models instead of the real ones."""
    folder = tmp_path / "warehouse" / "models"
    folder.mkdir(parents=True)
    monkeypatch.setattr(queries, "FOLDER", folder.parent)
    return folder


def two_builds(folder: Path) -> tuple[Path, Path]:
    """A build of four posts' months and one that adds a post, neither staged."""
    rows = [post(f"_posts/{year}-06-01-c.md") for year in range(2024, 2028)]
    write_lake(folder / "1", posts=table("posts", *rows))
    return folder / "1", next_build(folder / "1", "2", "2023", posts=table("posts", MAY))


@pytest.mark.parametrize(("before", "after"), [("table", "table"), ("view", "table"), ("table", "view")])
def test_each_build_has_its_models_anew(before: str, after: str, models: Path, tmp_path: Path) -> None:
    first, second = two_builds(tmp_path)
    (models / "count.sql").write_text(MODELS[before])
    (models / "gone.sql").write_text(MODELS[before])
    database.stage(first, None)
    (models / "count.sql").write_text(MODELS[after])
    (models / "gone.sql").unlink()
    database.stage(second, first)
    assert ask(second, "SELECT * FROM reports.count") == [(5,)]
    assert ask(second, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'reports'") == [
        ("count",)
    ]


@pytest.mark.parametrize("kind", list(MODELS))
def test_a_model_may_build_on_another(kind: str, models: Path, build: Path) -> None:
    (models / "z.sql").write_text(MODELS[kind])
    (models / "a.sql").write_text(MODELS[kind].replace("FROM posts", "FROM reports.z"))
    database.stage(build, None)
    assert ask(build, "SELECT * FROM reports.a") == [(1,)]


def test_a_model_that_cannot_be_made_is_named(models: Path, build: Path) -> None:
    (models / "wrong.sql").write_text(MODELS["view"].replace("FROM posts", "FROM nowhere"))
    with pytest.raises(duckdb.Error) as raised:
        database.stage(build, None)
    assert raised.value.__notes__ == ["in the model wrong"]


def test_reports_are_read_under_any_name_of_the_file(staged: Path, tmp_path: Path) -> None:
    copy = shutil.copyfile(staged / DATABASE, tmp_path / "my copy.duckdb")
    with duckdb.connect(str(copy), read_only=True) as connection:
        connection.execute("FROM reports.volume_by_hour").fetchall()
        assert connection.execute("SELECT sum(posts) FROM reports.volume_by_day").fetchall() == [(2,)]
