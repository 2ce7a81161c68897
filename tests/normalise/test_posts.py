"""From posts to rows: terms, links with their roles, sources."""

from __future__ import annotations

import pickle

import polars as pl
import pytest

from pipelines.normalise.posts import SiteFacts, normalise
from pipelines.normalise.rules import load_rules
from tests.normalise.frames import SITE, Post, as_read, normalised
from warehouse import contracts

ARTICLE = """<p>离岸人民币走强。</p>
<p>见 <a href="http://quote.eastmoney.com/unify/r/1.600001" data-code="1,600001">样例股份</a></p>
<p>（文章来源：样例日报）</p>

<http://mirror.example.net/html_News/NewsShare.html?infoCode=NW202204150000000001>

[返回样例日报新闻](//news.example.org/category/yangliribao.html)｜[返回首页](//news.example.org/)"""


def links(*posts: Post, site: SiteFacts = SITE) -> pl.DataFrame:
    return normalised(*posts, site=site)["post_links"]


def source(post: Post) -> dict[str, object]:
    return normalised(post)["post_sources"].row(0, named=True)


def roles(body: str, path: str = "_posts/001.md") -> list[str]:
    return links(Post(body, path=path))["role"].to_list()


def test_no_posts_are_empty_tables() -> None:
    posts, bodies, raw = (frame.clear() for frame in as_read(Post()))
    tables = normalise(posts, bodies, raw, SITE, load_rules())
    assert {name: contracts.check(name, table).height for name, table in tables.items()} == dict.fromkeys(tables, 0)


def test_terms_keep_jekylls_order_and_repeats() -> None:
    tags = normalised(Post(tags=["B,", "a", "b", "，"]))["post_tags"]
    assert tags.select("position", "tag", "tag_key").rows() == [
        (1, "B,", "b"),
        (2, "a", "a"),
        (3, "b", "b"),
        (4, "，", None),
    ]


def test_rows_are_sorted_by_path_whatever_the_order_of_the_posts() -> None:
    tables = normalised(Post("[b](/b)", ["b"], path="_posts/b.md"), Post("[a](/a)", ["a"], path="_posts/a.md"))
    assert {name: table["path"].to_list() for name, table in tables.items() if table.height} == {
        "post_categories": ["_posts/a.md", "_posts/b.md"],
        "post_links": ["_posts/a.md", "_posts/b.md"],
        "post_sources": ["_posts/a.md", "_posts/b.md"],
    }


def test_the_order_of_rows_does_not_matter() -> None:
    posts, bodies, raw = as_read(Post("[a](/a) [c](/c)"), Post("[b](/b)"))
    one = normalise(posts, bodies, raw, SITE, load_rules())["post_links"]
    other = normalise(posts, bodies.reverse(), raw.reverse(), SITE, load_rules())["post_links"]
    assert one.equals(other)


def test_site_facts_go_to_worker_processes() -> None:
    assert pickle.loads(pickle.dumps(SITE)) == SITE


def test_a_mirrored_article_says_where_it_came_from() -> None:
    assert source(Post(ARTICLE)) | {"path": "", "month": "", "text_hash": None} == {
        "path": "",
        "month": "",
        "publisher": "样例日报",
        "source_url": "http://mirror.example.net/html_News/NewsShare.html?infoCode=NW202204150000000001",
        "source_id": "NW202204150000000001",
        "text_hash": None,
    }


def test_the_links_of_a_mirrored_article() -> None:
    assert links(Post(ARTICLE)).select("position", "role", "kind", "anchor", "entity_kind", "entity_id").rows() == [
        (1, "body", "external", "样例股份", "security", "1.600001"),
        (
            2,
            "source",
            "external",
            "http://mirror.example.net/html_News/NewsShare.html?infoCode=NW202204150000000001",
            "article",
            "NW202204150000000001",
        ),
        (3, "navigation", "internal", "返回样例日报新闻", "category", "yangliribao"),
        (4, "navigation", "internal", "返回首页", None, None),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("a\n\n<https://e.com/x>", ["source"], id="autolink on the last line"),
        pytest.param("a\n\n<https://e.com/x>\n\n[Home](/)", ["source", "navigation"], id="above navigation"),
        pytest.param("a\n\n<https://e.com/x>\n[Home](/)\n", ["source", "navigation"], id="in one paragraph with it"),
        pytest.param("a\n\n原文：<https://e.com/x>", ["source"], id="after a word for source, in Chinese"),
        pytest.param("a\n\nSource:\n\n<https://e.com/x>", ["source"], id="below a word for source"),
        pytest.param("a\n\n## Quelle\n\n<https://e.com/x>", ["source"], id="below a heading that says so"),
        pytest.param("a\n\nRead more here:\n\n<https://e.com/x>", ["body"], id="below words that lead to it"),
        pytest.param("a\n\n日程请见：  \n<https://e.com/x>", ["body"], id="below words that lead to it, in Chinese"),
        pytest.param(
            "a\n\n[https://e.com/y](https://e.com/y)  \n<https://e.com/x>", ["body", "body"], id="below another url"
        ),
        pytest.param("a\n\n![](https://e.com/y.png)\n\n<https://e.com/x>", ["image", "source"], id="below an image"),
        pytest.param("a\n\n## Manual\n\n<https://e.com/x>", ["body"], id="below a heading"),
        pytest.param("a\n\n*Source: [E Times](https://e.com/x)*", ["source"], id="after a word for source"),
        pytest.param(
            "a\n\n*This post was originally published at [E](https://e.com/x).*",
            ["source"],
            id="where it was published",
        ),
        pytest.param("a\n\n本文首发于 [E](https://e.com/x)", ["source"], id="where it was published, in Chinese"),
        pytest.param('<p>a</p><p>Via <a href="https://e.com/x">E</a></p>', ["source"], id="in HTML"),
        pytest.param("a <https://e.com/x>", ["body"], id="autolink in prose"),
        pytest.param("a\nb:\n<https://e.com/x>", ["body"], id="autolink at the end of a paragraph of prose"),
        pytest.param("<https://e.com/y>\n\n<https://e.com/x>", ["body", "body"], id="one of several"),
        pytest.param("a\n\n- <https://e.com/x>", ["body"], id="in a list"),
        pytest.param("a\n\n[E](https://e.com/x)", ["body"], id="a link with a text of its own"),
        pytest.param("a\n\n<https://news.example.org/x>", ["navigation"], id="the site's own page"),
        pytest.param("[Home](/)\n\na", ["body"], id="navigation is at the end"),
        pytest.param("a\n\n[Home](/) | [Archive](/archive/)", ["navigation", "navigation"], id="with separators"),
        pytest.param("a\n\nNext: [B](/b.html)", ["navigation"], id="with a word"),
        pytest.param("a\n\nRead [B](/b.html)", ["body"], id="with other words"),
        pytest.param("a\n\n[B](/b.zip)", ["body"], id="a file is no page"),
        pytest.param("a\n\n[Home](/) | [E](https://e.com/)", ["body", "body"], id="beside another site's"),
        pytest.param("![a](/a.png)\n\n[Home](/)", ["image", "navigation"], id="an image before"),
        pytest.param("a\n\n![a](/a.png)", ["image"], id="an image alone"),
        pytest.param('a\n\n<iframe src="https://e.com/x"></iframe>', ["image"], id="what is embedded"),
        pytest.param(
            "[a](https://e.com/x)\n\n<https://e.com/x>", ["source", "source"], id="the source linked to twice"
        ),
        pytest.param("a\n\n[Home](/?a=1&b=2)", ["navigation"], id="an ampersand"),
    ],
)
def test_roles(body: str, expected: list[str]) -> None:
    assert roles(body) == expected


def test_roles_in_a_body_of_html() -> None:
    source = '<p><a href="https://e.com/x?a=1&amp;b=2">https://e.com/x?a=1&amp;b=2</a></p>'
    body = f'<p>a</p>\n{source}\n<p><a href="/">Home</a></p>'
    assert roles(body, "_posts/001.html") == ["source", "navigation"]


@pytest.mark.parametrize(
    ("front_matter", "url"),
    [
        pytest.param({"link": "https://e.com/x"}, "https://e.com/x", id="link"),
        pytest.param({"external-url": "https://e.com/x"}, "https://e.com/x", id="hyphen"),
        pytest.param({"Canonical_URL": "https://e.com/x?utm_source=1"}, "https://e.com/x", id="case, tracking"),
        pytest.param({"sourceUrl": "//e.com/x"}, "https://e.com/x", id="camel case, the site's scheme"),
        pytest.param({"source": ["https://e.com/x", "https://e.com/y"]}, "https://e.com/x", id="list"),
        pytest.param(
            {"via": "https://e.com/y", "source_url": "https://e.com/x"}, "https://e.com/x", id="the better key"
        ),
        pytest.param({"canonical_url": "https://news.example.org/x"}, None, id="the site itself"),
        pytest.param({"link": "see below"}, None, id="words"),
        pytest.param({"link": 1, "source": None, "via": {"a": "https://e.com"}}, None, id="neither text nor list"),
        pytest.param({"image": "https://e.com/x"}, None, id="another key"),
        pytest.param({"a": {"link": "https://e.com/x"}}, None, id="a key further in"),
    ],
)
def test_source_in_the_front_matter(front_matter: dict[str, object], url: str | None) -> None:
    assert source(Post(front_matter=front_matter))["source_url"] == url


def test_front_matter_beats_the_last_line() -> None:
    post = Post("<https://e.com/x>", front_matter={"source": "https://e.com/y"})
    assert source(post)["source_url"] == "https://e.com/y"


def test_links_of_the_front_matter_come_last() -> None:
    rows = links(
        Post("see [a](/a) too", front_matter={"link": "https://e.com/x", "canonical_url": "https://news.example.org/y"})
    )
    assert rows.select("position", "element", "role", "url").rows() == [
        (1, "a", "body", "/a"),
        (2, "front_matter", "body", "https://news.example.org/y"),
        (3, "front_matter", "source", "https://e.com/x"),
    ]


@pytest.mark.parametrize(
    ("body", "publisher"),
    [
        pytest.param("<p>（文章来源：样例日报）</p>", "样例日报", id="plain"),
        pytest.param('<p>（文章来源：<a href="http://e.com">样例日报</a>）</p>', "样例日报", id="a link inside"),
        pytest.param("（文章来源：[样例日报](http://e.com)）", "样例日报", id="a Markdown link inside"),
        pytest.param("（文章来源： 样例　日报 ）", "样例 日报", id="blanks"),
        pytest.param("(文章来源:样例日报)", "样例日报", id="half-width"),
        pytest.param("（文章来源：样例日报（客户端））", "样例日报（客户端）", id="brackets inside"),
        pytest.param("（文章来源：甲报）……（文章来源：乙报）", "乙报", id="the last of several"),
        pytest.param("（文章来源：）", None, id="empty"),
        pytest.param("文章来源不明", None, id="words alone"),
        pytest.param("a", None, id="none"),
    ],
)
def test_publisher_in_the_text(body: str, publisher: str | None) -> None:
    assert source(Post(body))["publisher"] == publisher


@pytest.mark.parametrize(
    ("front_matter", "publisher"),
    [
        ({"publisher": "E Times"}, "E Times"),
        ({"source": "E Times"}, "E Times"),
        ({"source": "https://e.com/x", "source_name": "E Times"}, "E Times"),
        ({"via": "E Times"}, None),
    ],
)
def test_publisher_in_the_front_matter(front_matter: dict[str, object], publisher: str | None) -> None:
    assert source(Post(front_matter=front_matter))["publisher"] == publisher


@pytest.mark.parametrize(
    ("url", "source_id"),
    [
        ("http://a.example/html_News/NewsShare.html?infoCode=NW202204150000000001", "NW202204150000000001"),
        ("http://b.example/html_News/NewsShare.html?x=1&infoCode=NW202204150000000001", "NW202204150000000001"),
        ("http://finance.eastmoney.com/news/11060,202112080000000001.html", "202112080000000001"),
        ("http://finance.eastmoney.com/a/202112080000000001.html", "202112080000000001"),
        ("http://news.example.com/news/11060,202112080000000001.html", None),
        ("https://github.com/a/b", None),
    ],
)
def test_source_id(url: str, source_id: str | None) -> None:
    assert source(Post(f"a\n\n<{url}>"))["source_id"] == source_id


@pytest.mark.parametrize(
    ("url", "entity"),
    [
        ("http://quote.eastmoney.com/unify/r/90.BK0001", ("security", "90.BK0001")),
        ("http://quote.eastmoney.com/sz000001.html", ("security", "0.000001")),
        ("http://quote.eastmoney.com/concept/sh600001.html?from=x", ("security", "1.600001")),
        ("https://github.com/Owner/Name.git", ("repository", "owner/name")),
        ("https://www.github.com/owner/name/issues/1", ("repository", "owner/name")),
        ("https://github.com/topics/python", (None, None)),
        ("https://github.com/owner/blog", ("repository", "owner/blog")),
        ("https://github.com/owner", (None, None)),
        ("https://gist.github.com/owner/name", (None, None)),
    ],
)
def test_entities(url: str, entity: tuple[str | None, str | None]) -> None:
    assert links(Post(f"a [x]({url}) b")).select("entity_kind", "entity_id").row(0) == entity


@pytest.mark.parametrize("page", ["//news.example.org/category/slug.html", "//news.example.org/slug/", "/slug/"])
def test_both_addresses_of_a_category_page_are_one(page: str) -> None:
    assert links(Post(f"a\n\n[返回]({page})")).select("entity_kind", "entity_id").row(0) == ("category", "slug")


def test_liquid_that_names_a_file_keeps_its_path() -> None:
    rows = links(Post("[a]({% post_url 2022-04-15-a %}) [b]({% link _posts/b.md %}) [c]({{ page.c }})"))
    assert rows.select("kind", "entity_kind", "entity_id").rows() == [
        ("internal", "post", "2022-04-15-a"),
        ("internal", "post", "_posts/b.md"),
        ("liquid", None, None),
    ]


def test_links_written_as_code_are_none_and_links_in_code_elements_are() -> None:
    body = "`<https://e.com/a>`\n\n    <https://e.com/b>\n\n<pre><a href='/d'>d</a></pre>\n\n[c](/c)"
    assert links(Post(body))["url"].to_list() == ["/d", "/c"]


def test_relative_links_are_joined_to_the_page() -> None:
    site = SiteFacts("https://news.example.org", "/blog")
    rows = links(Post("[a](b.html)", url="/2022/a.html"), site=site)
    assert rows["canonical_url"].to_list() == ["https://news.example.org/blog/2022/b.html"]


def test_an_unclosed_last_line_costs_bounded_time() -> None:
    assert roles("[a](/a) " + "<a href=" * 20_000) in (["body"], ["navigation"])
