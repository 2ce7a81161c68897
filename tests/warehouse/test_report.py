"""The static report: facts of the pages, not their looks. Numbers equal the models', links resolve, text stays text."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.jekyll import reasons
from pipelines.normalise.rules import load_rules
from pipelines.settings import SAMPLE
from tests import sites
from tests.tables import post, table, write_lake
from warehouse import contracts, database, queries, report
from warehouse.connection import connect
from warehouse.publish import DATABASE
from warehouse.report import page, tables, topics
from warehouse.report.results import SHOWN_ROWS
from warehouse.report.words import words

FOLDER = Path(report.__file__).parent
MODELS = queries.models()
HOSTILE = "</title></script><script>alert(1)</script>'\"&<img src=x onerror=alert(1)>"


@dataclass
class Read(HTMLParser):
    """What a page holds: its elements with their attributes, ids, and the cells of its tables by caption."""

    text: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.caption = ""
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "input", "link", "br", "rect", "path", "line"):
            self.inside.append(tag)
        if tag == "caption":
            self.caption = ""
        if tag == "tr":
            self.tables.setdefault(self.caption, []).append([])
        if tag in ("td", "th"):
            self.tables[self.caption][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "caption" in self.inside:
            self.caption += data
        elif "td" in self.inside or "th" in self.inside:
            self.tables[self.caption][-1][-1] += data
        if not {"script", "style"} & set(self.inside):
            self.words.append(data)

    def values(self, name: str) -> list[str]:
        """The values of an attribute, wherever it stands."""
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    @property
    def shown(self) -> str:
        return " ".join(" ".join(self.words).split())


@cache
def read(folder: Path, name: str = "index.html") -> Read:
    return Read((folder / "report" / name).read_text("utf-8"))


def ask(folder: Path, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    with connect(folder / DATABASE) as connection:
        return connection.execute(statement, values).fetchall()


def made(folder: Path, lang: str = "en", url: str = "", baseurl: str = "", **frames: pl.DataFrame) -> Path:
    """A build's folder with these tables, staged, and its report."""
    write_lake(folder, **frames)
    database.stage(folder, None)
    report.write(folder, list(report.results(folder)), site="A <b>site</b>", lang=lang, url=url, baseurl=baseurl)
    return folder


def posts(number: int, **more: Any) -> list[dict[str, Any]]:
    """So many posts, one a day."""
    days = [date(2022, 1, 1) + timedelta(days=day) for day in range(number)]
    return [
        post(
            f"_posts/{day}-p{at}.md",
            url=f"/p{at}.html",
            published_on=day,
            published_at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
            **({"title": f"Post {at}"} | more),
        )
        for at, day in enumerate(days)
    ]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample's build: Chinese, with publishers and securities."""
    folder = tmp_path_factory.mktemp("sample")
    sites.build(SAMPLE, folder / "warehouse", reported=True, now=datetime(2026, 11, 22, tzinfo=UTC))
    return sites.current(folder / "warehouse")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts whose every text tries to leave its place."""
    some = posts(12, title=HOSTILE, categories=[HOSTILE], tags=[HOSTILE])
    of = [{"path": row["path"], "month": row["month"]} for row in some]
    return made(
        tmp_path_factory.mktemp("hostile"),
        url="https://site.example",
        posts=table("posts", *some),
        post_sources=table("post_sources", *(row | {"publisher": f"{HOSTILE} {at}"} for at, row in enumerate(of))),
        post_tags=table("post_tags", *(row | {"tag": HOSTILE, "tag_key": HOSTILE} for row in of)),
        tag_keys=table("tag_keys", {"tag_key": HOSTILE, "tag_id": HOSTILE}),
        tags=table("tags", {"id": HOSTILE, "name": HOSTILE, "variants": [HOSTILE, "x" + HOSTILE]}),
    )


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blog of three posts, two in January and one in February, at no address."""
    some = posts(3)
    some[2] |= {"path": "_posts/2022-02-01-c.md", "month": "2022-02", "published_on": date(2022, 2, 1)}
    return made(tmp_path_factory.mktemp("little"), posts=table("posts", *some))


class TestNumbers:
    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
    def test_a_table_has_the_models_rows(self, model: queries.Query, sample: Path) -> None:
        shown = read(sample).tables.get(words("zh").title(model), [[]])[1:]
        rows = ask(sample, f"FROM reports.{model.name} LIMIT {SHOWN_ROWS}")
        assert len(shown) == len(rows)

    @pytest.mark.parametrize("model", [model for model in MODELS if "posts" in model.columns], ids=lambda one: one.name)
    def test_its_posts_are_the_models(self, model: queries.Query, sample: Path) -> None:
        found = read(sample).tables.get(words("zh").title(model), [[]])
        counted = ask(sample, f"SELECT posts FROM reports.{model.name} LIMIT {SHOWN_ROWS}")
        at = found[0].index("文章数") if found[0] else 0
        assert [row[at] for row in found[1:]] == [f"{posts:,}" for (posts,) in counted]

    @pytest.mark.parametrize("model", [model for model in MODELS if tables.behind(model)], ids=lambda one: one.name)
    def test_the_posts_behind_a_number_are_as_many(self, model: queries.Query, sample: Path) -> None:
        with connect(sample / DATABASE) as connection:
            for column, statement in tables.behind(model).items():
                names = set(re.findall(r"\$([a-z_]+)", statement))
                answer = connection.execute(f"FROM reports.{model.name} ORDER BY {column} DESC LIMIT 12")
                columns = [one[0] for one in answer.description or []]
                for values in answer.fetchall():
                    row = dict(zip(columns, values, strict=True))
                    listed = connection.execute(statement, {name: row[name] for name in names}).fetchall()
                    assert len(listed) == row[column], (column, row)

    def test_the_headline(self, sample: Path) -> None:
        shown = read(sample).shown
        ((published, words_in_all),) = ask(sample, "SELECT count(*), sum(words) FROM posts WHERE state = 'published'")
        assert f"共 {published} 篇文章，2021年12月1日至2022年4月15日。" in shown
        assert f"{words_in_all:,}" in shown

    def test_a_topics_page_lists_its_posts(self, sample: Path) -> None:
        with connect(sample / DATABASE) as connection:
            for topic in topics.largest(connection):
                listed = connection.execute(topic.sql["newest"]).fetchall()
                assert len(listed) == topic.posts, topic
                newest = read(sample, topic.page).tables["最新文章"][1:]
                assert [row[0] for row in newest] == [str(row[0]) for row in listed[: topics.NEWEST]]

    def test_a_topics_months_add_up(self, sample: Path) -> None:
        with connect(sample / DATABASE) as connection:
            for topic in topics.largest(connection):
                months = dict(connection.execute(topic.sql["volume"]).fetchall())
                assert months == topic.months
                assert sum(months.values()) == topic.posts

    def test_what_comes_with_a_publisher(self, sample: Path) -> None:
        with connect(sample / DATABASE) as connection:
            found = {(topic.kind, topic.id): topic for topic in topics.largest(connection)}
            paper = found["publisher", "松河日报"]
            counted = connection.execute(paper.sql["companions"]).fetchall()
        best = paper.companions["category"][0]
        assert ("category", best.id, best.posts) in counted


class TestPages:
    def names(self, folder: Path) -> list[str]:
        return sorted(path.name for path in (folder / "report").iterdir())

    @pytest.mark.parametrize("which", ["sample", "hostile"])
    def test_links_within_the_report_resolve(self, which: str, request: pytest.FixtureRequest) -> None:
        folder = request.getfixturevalue(which)
        ids = {name: set(read(folder, name).values("id")) for name in self.names(folder)}
        for name in ids:
            for href in read(folder, name).values("href"):
                if not href.startswith("https://"):
                    target, _, anchor = href.partition("#")
                    assert not anchor or anchor in ids[target or name], (name, href)
                    assert not target or target in ids, (name, href)

    @pytest.mark.parametrize("which", ["sample", "hostile"])
    def test_nothing_is_loaded_from_elsewhere(self, which: str, request: pytest.FixtureRequest) -> None:
        folder = request.getfixturevalue(which)
        for name in self.names(folder):
            found = read(folder, name)
            assert found.values("src") == []
            assert {tag for tag, attributes in found.elements if "href" in attributes} == {"a"}
            assert not re.search(r"url\(|@import", (FOLDER / "report.css").read_text("utf-8"))

    @pytest.mark.parametrize("kind", ["style", "script"])
    def test_the_policy_lets_in_the_pages_own_style_and_script_alone(self, kind: str, hostile: Path) -> None:
        for name in self.names(hostile):
            text = (hostile / "report" / name).read_text("utf-8")
            policy = re.findall(r'content="(default-src [^"]*)"', text)[0]
            (inline,) = re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
            assert f"{kind}-src 'sha256-{digest}'" in policy
            assert policy.startswith("default-src 'none'")

    def test_text_of_posts_stays_text(self, hostile: Path) -> None:
        for name in self.names(hostile):
            found = read(hostile, name)
            assert [tag for tag, _ in found.elements if tag in ("img", "b", "iframe")] == []
            assert len([tag for tag, _ in found.elements if tag == "script"]) == 2
            assert not [key for _, attributes in found.elements for key in attributes if key.startswith("on")]
            assert not any("style" in attributes for _, attributes in found.elements)
            assert "alert(1)" in found.shown

    def test_a_post_leads_to_its_page_at_the_site(self, sample: Path) -> None:
        ((url,),) = ask(sample, "SELECT url FROM posts WHERE state = 'published' AND rendered ORDER BY path LIMIT 1")
        assert f"https://news.example{url}" in read(sample, "posts.html").values("href")

    @pytest.mark.parametrize(
        ("url", "baseurl", "rendered", "expected"),
        [
            ("https://a.example/", "/blog/", True, "https://a.example/blog/p.html"),
            ("http://a.example", "", True, "http://a.example/p.html"),
            ("https://a.example", "", False, ""),
            ("", "/blog", True, ""),
            ("javascript:alert(1)//", "", True, ""),
            ("https://", "", True, ""),
        ],
        ids=["baseurl", "none", "not rendered", "no url", "script", "no host"],
    )
    def test_where_a_post_leads(self, url: str, baseurl: str, rendered: bool, expected: str) -> None:
        links = tables.Links(frozenset(), tables.site_url(url, baseurl))
        assert links.post(topics.Post(date(2022, 1, 1), "p", "_posts/p.md", "/p.html", rendered)) == expected

    def test_a_post_without_a_page_shows_its_path(self, little: Path) -> None:
        found = read(little, "posts.html")
        assert found.values("href") == ["index.html"]
        assert "_posts/2022-01-01-p0.md" in found.shown

    def test_it_is_bounded(self, tmp_path: Path) -> None:
        some = posts(page.LISTED_POSTS + 50)
        of = [{"path": row["path"], "month": row["month"]} for row in some]
        names = [f"t{at % 40}" for at in range(len(some))]
        folder = made(
            tmp_path,
            posts=table("posts", *some),
            post_tags=table("post_tags", *(row | {"tag": n, "tag_key": n} for row, n in zip(of, names, strict=True))),
            tag_keys=table("tag_keys", *({"tag_key": name, "tag_id": name} for name in set(names))),
            tags=table("tags", *({"id": name, "name": name} for name in set(names))),
        )
        assert len(self.names(folder)) == topics.LARGEST + 2
        assert len(read(folder, "posts.html").tables["Newest posts"]) == page.LISTED_POSTS + 1
        assert max(len(rows) for rows in read(folder).tables.values()) == SHOWN_ROWS + 1

    def test_two_terms_whose_names_differ_in_case_have_two_pages(self) -> None:
        assert topics.page("tag", "ruby").lower() != topics.page("tag", "Ruby").lower()

    @pytest.mark.parametrize("name", ["../x", "a/b", "", "-x", "con.html", "é", "x" * 300, "a\0b"], ids=ascii)
    def test_a_pages_name_is_safe(self, name: str) -> None:
        assert re.fullmatch(r"tag-[a-z0-9-]{1,48}\.html", topics.page("tag", name))

    def test_it_is_written_anew(self, little: Path) -> None:
        (little / "report" / "tag-gone.html").write_text("x")
        report.write(little, list(report.results(little)), site="A <b>site</b>", lang="en")
        assert self.names(little) == ["index.html", "posts.html"]


class TestLittle:
    def test_without_published_posts_it_says_what_there_is(self, tmp_path: Path) -> None:
        some = [row | {"state": state} for row, state in zip(posts(3), ("draft", "hidden", "hidden"), strict=True)]
        files = [{"path": row["path"], "month": row["month"], "outcome": row["state"]} for row in some]
        found = read(made(tmp_path, posts=table("posts", *some), files=table("files", *files)))
        for said in ("No post is published.", "1 draft", "2 hidden posts"):
            assert said in found.shown
        assert not [tag for tag, _ in found.elements if tag == "svg"]
        assert "Posts by month" not in found.tables

    def test_without_files_it_says_where_posts_are_read(self, tmp_path: Path) -> None:
        assert "Jekyll reads posts from a folder _posts" in read(made(tmp_path)).shown

    def test_three_posts_have_tables_and_no_chart(self, little: Path) -> None:
        found = read(little)
        shown = [row[:2] for row in found.tables["Posts by month"]]
        assert shown == [["Month", "Posts"], ["2022-02", "1"], ["2022-01", "2"]]
        assert not [value for tag, value in found.elements if tag == "figure"]

    def test_a_blog_is_told_what_rules_could_teach(self, little: Path) -> None:
        assert "No post names its source. Rules can teach it" in read(little).shown
        assert "Sources" not in read(little).tables


class TestLanguage:
    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
    def test_a_model_lacks_nothing_in_chinese(self, model: queries.Query) -> None:
        said = words("zh")
        shown = [column for column in model.columns if not tables.is_hidden(column, model.columns)]
        texts = [said.title(model), said.purpose(model), *(said.column(model, column) for column in shown)]
        assert [text for text in texts if not re.search("[一-鿿]", text)] == []
        assert said.empty(model) != said.catalogue["empty"]["other"]

    def test_a_model_whose_rows_have_posts_says_which(self) -> None:
        lacking = [model.name for model in MODELS if "posts" in model.columns and "posts" not in tables.behind(model)]
        assert lacking == []

    @pytest.mark.parametrize("part", ["words", "counts", "empty"])
    def test_both_languages_have_the_same_words(self, part: str) -> None:
        english, chinese = words("en").catalogue[part], words("zh").catalogue[part]
        assert english.keys() == chinese.keys()
        for key in english:
            assert set(re.findall(r"{\w+}", str(english[key]))) == set(re.findall(r"{\w+}", str(chinese[key]))), key

    @pytest.mark.parametrize(
        ("column", "values"),
        [
            ("reason", sorted(reasons.REJECTED)),
            ("state", sorted(contracts.STATES)),
            ("kind", sorted({rule.kind for rule in load_rules(None).entities})),
            ("flag", ["read_as_utc", "differs_from_name", "ambiguous_zone", "rolled_over"]),
        ],
        ids=["reason", "state", "kind", "flag"],
    )
    def test_code_words_are_translated(self, column: str, values: list[str]) -> None:
        said = words("zh")
        assert [value for value in values if not re.search("[一-鿿]", said.value(None, column, value))] == []

    def test_the_samples_issues_are_translated(self, sample: Path) -> None:
        issues = [row[0] for row in read(sample).tables["数据质量"][1:]]
        assert [issue for issue in issues if re.search("[a-z]{3}", issue)] == []

    def test_a_chinese_site_has_a_chinese_page(self, sample: Path) -> None:
        found = read(sample)
        assert ("html", {"lang": "zh-CN"}) in found.elements
        headings = [row[0] for row in found.tables.values()]
        assert [name for row in headings for name in row if not re.search("[一-鿿]", name)] == []

    @pytest.mark.parametrize("lang", ["zh", "zh-CN", "ZH_tw", "zh-Hant-HK"])
    def test_chinese(self, lang: str) -> None:
        assert words(lang)["lang"] == "zh-CN"

    @pytest.mark.parametrize("lang", ["", "en", "ja", "ko-KR", "zhuang", "<x>"])
    def test_english_for_all_others(self, lang: str) -> None:
        assert words(lang)["lang"] == "en"

    @pytest.mark.parametrize(
        ("titles", "expected"),
        [
            (["松河港举办安全培训", "How we count", "青原春播过半"], "zh"),
            (["イベント", "雑記", "textlintの話"], "ja"),
            (["범용 메시지 큐", "Kafka 소개", "Kotlin"], "ko"),
            (["Hello", "機器學習", "World"], "en"),
            ([], "en"),
        ],
        ids=["Chinese", "Japanese", "Korean", "English", "no posts"],
    )
    def test_a_site_that_names_no_language_has_that_of_its_titles(self, titles: list[str], expected: str) -> None:
        with duckdb.connect() as connection:
            connection.execute("CREATE TABLE posts AS SELECT unnest(?) AS title", [titles])
            assert page.language(connection) == expected

    @pytest.mark.parametrize(
        ("column", "value", "english"),
        [
            ("posts", 1234567, "1,234,567"),
            ("share", 0.1234, "12.3%"),
            ("rejected_share", 0.0, "0%"),
            ("change", -3, "−3"),
            ("change", 4.5, "+4.50"),
            ("share_change", 0.0123, "+1.2"),
            ("median_hours", 12.345, "12.3"),
            ("posts_per_day", 0.631578, "0.63"),
            ("hours_after", 1234.5, "1,234"),
            ("day", date(2022, 4, 5), "2022-04-05"),
            ("last_edit", datetime(2022, 4, 5, 6, 7, 8, 9, tzinfo=UTC), "2022-04-05 06:07"),
            ("outlets", ["a", "b"], "a, b"),
            ("posts", None, ""),
            ("rendered", True, "yes"),
            ("flag", "read_as_utc", "read as utc"),
            ("path", "a_b_c", "a_b_c"),
        ],
        ids=str,
    )
    def test_values(self, column: str, value: object, english: str) -> None:
        assert words("en").value(None, column, value) == english

    def test_a_long_text_is_cut(self) -> None:
        assert len(words("en").value(None, "title", "x" * 1000)) < 300

    def test_one_post_is_no_posts(self) -> None:
        assert [words("en").count("posts", number) for number in (1, 2)] == ["1 post", "2 posts"]

    def test_dates_in_sentences(self) -> None:
        day = date(2022, 4, 5)
        assert [words(lang).date(day) for lang in ("en", "zh")] == ["5 April 2022", "2022年4月5日"]
