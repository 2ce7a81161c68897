"""The whole archive's terms: which are one, what they are called, how often they stand; its hosts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pipelines.normalise.archive import summarise
from pipelines.normalise.rules import Rules, load_rules
from tests.normalise.frames import Post, as_lake, as_read, summarised


def mirror(category: str, tag: str, posts: int = 1, publisher: str = "") -> list[Post]:
    """Posts as a mirror's script writes them: a slug and a name, each one text."""
    body = f"（文章来源：{publisher}）" if publisher else ""
    written = {"categories": category, "tags": tag}
    return [Post(body, category.split(), tag.split(), written)] * posts


def categories(*posts: Post, rules: Rules | None = None) -> dict[str, tuple[str, list[str], int]]:
    table = summarised(*posts, rules=rules)["categories"]
    return {row["id"]: (row["name"], row["variants"], row["posts"]) for row in table.iter_rows(named=True)}


def names(*posts: Post, rules: Rules | None = None) -> dict[str, str]:
    return {term: found[0] for term, found in categories(*posts, rules=rules).items()}


def owner(folder: Path, text: str) -> Rules:
    path = folder / "backfile.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path)


def test_no_posts_are_empty_tables() -> None:
    posts, bodies, links = (frame.clear() for frame in as_read(Post()))
    tables = summarise(as_lake(posts, bodies, links, load_rules()), load_rules())
    assert {table.height for table in tables.values()} == {0}


def test_spellings_of_a_key_are_variants_of_a_term_commonest_first() -> None:
    posts = [Post(categories=[name]) for name in ("Web", "web", "web", "WEB", "WEB,")]
    assert categories(*posts) == {"web": ("web", ["web", "WEB", "WEB,", "Web"], 5)}


def test_a_post_counts_once_whatever_it_repeats() -> None:
    assert categories(Post(categories=["Web", "web", "web,"]))["web"][2] == 1


def test_first_and_last_day() -> None:
    days = [dt.date(2022, 4, 15), dt.date(2021, 1, 2), dt.date(2022, 4, 16)]
    table = summarised(*(Post(tags=["a"], on=day) for day in days))["tags"]
    assert table.select("first_posted_on", "last_posted_on").row(0) == (days[1], days[2])


def test_what_has_no_key_is_no_term() -> None:
    assert categories(Post(categories=[",", "a"])) == {"a": ("a", ["a"], 1)}


def test_every_key_belongs_to_one_term() -> None:
    tables = summarised(*mirror("甲 乙", "a b", 3), *(Post(categories=[name]) for name in "abC"))
    joined = tables["category_keys"].join(tables["categories"], left_on="category_id", right_on="id", how="left")
    assert (joined["name"].null_count(), joined["category_key"].is_unique().all()) == (0, True)


def test_the_order_of_posts_does_not_matter() -> None:
    posts = [*mirror("a b", "x y", 3), *(Post("[l](https://e.com)", categories=[name]) for name in ("A", "c", "C"))]
    numbered = [post._replace(path=f"_posts/{number}.md") for number, post in enumerate(posts)]
    one, other = summarised(*numbered), summarised(*reversed(numbered))
    assert {name: table.equals(other[name]) for name, table in one.items()} == dict.fromkeys(one, True)


class TestSplitNames:
    """A name with a blank, of which Jekyll makes two terms."""

    def test_is_one_where_the_tags_are_split_likewise(self) -> None:
        posts = [*mirror("yangli APP", "样例 APP新闻", 3), *mirror("jia", "甲新闻", publisher="甲")]
        assert categories(*posts)["yangli"] == ("样例 APP", ["APP", "yangli"], 3)

    def test_is_one_where_an_archive_has_one_category_a_post(self) -> None:
        posts = [*(Post(categories=["a"]) for _ in range(30)), *mirror("b c", "x")]
        assert categories(*posts)["b"] == ("b c", ["b", "c"], 1)

    def test_both_keys_lead_to_the_same_term(self) -> None:
        keys = summarised(*mirror("a b", "x y", 2))["category_keys"]
        assert dict(keys.iter_rows()) == {"a": "a", "b": "a"}

    def test_joins_the_first_word_that_stands_alone_too(self) -> None:
        posts = [*mirror("a b", "x y", 2), *mirror("a", "x", 3)]
        assert categories(*posts) == {"a": ("a", ["a", "b"], 5)}

    @pytest.mark.parametrize(
        "posts",
        [
            pytest.param([*mirror("a b", "x y", 2), *mirror("b", "y")], id="the second word stands alone"),
            pytest.param([*mirror("a b", "x y", 2), *mirror("a c", "x z", 2)], id="the first begins two names"),
            pytest.param([*mirror("a b", "x y"), *mirror("a b", "z")], id="the tags differ"),
            pytest.param([*mirror("a b", "x")] * 3, id="the tags are not split, the archive has no habit"),
            pytest.param([Post(categories=["a", "b"], tags=["x", "y"])] * 3, id="a list, no text"),
            pytest.param([*mirror("b a", "y x"), *mirror("a b", "x y", 2)], id="the other way round too"),
        ],
    )
    def test_stay_two(self, posts: list[Post]) -> None:
        assert {"a", "b"} <= categories(*posts).keys()

    def test_stay_two_where_the_owner_says_so(self, tmp_path: Path) -> None:
        rules = owner(tmp_path, '[[rules.different]]\nkind = "category"\nterms = ["a", "B"]\n')
        assert categories(*mirror("a b", "x y", 3), rules=rules).keys() == {"a", "b"}


class TestNamesSpeltOut:
    """A category that is the slug of the name in its tag."""

    def test_by_the_publisher(self) -> None:
        assert names(*mirror("yangliribao", "样例日报新闻", publisher="样例日报")) == {"yangliribao": "样例日报"}

    def test_by_the_ending_that_most_tags_share(self) -> None:
        posts = [post for name in ("甲报", "乙网", "丙社") for post in mirror(f"slug{ord(name[0])}", f"{name}新闻", 2)]
        assert set(names(*posts).values()) == {"甲报", "乙网", "丙社"}

    def test_the_whole_tag_where_nothing_is_shared(self) -> None:
        assert names(*mirror("yangli", "样例日报", 2)) == {"yangli": "样例日报"}

    def test_two_slugs_of_one_name_stay_two(self) -> None:
        assert names(*mirror("36ke", "样例新闻", 3), *mirror("35ke", "样例新闻")) == {
            "35ke": "样例新闻",
            "36ke": "样例新闻",
        }

    @pytest.mark.parametrize(
        "posts",
        [
            pytest.param(mirror("web", "日记") + mirror("web", "编程"), id="a category with several tags"),
            pytest.param([Post(categories=["web"], tags=["日记", "编程"])], id="posts with several tags"),
            pytest.param(mirror("web", "web"), id="a tag in the same script"),
            pytest.param([*mirror("web", "日记"), *[Post(categories=["web"])] * 9], id="posts without tags"),
        ],
    )
    def test_not_on_an_ordinary_site(self, posts: list[Post]) -> None:
        assert names(*posts)["web"] == "web"


def test_what_the_owner_says_is_one_is_one(tmp_path: Path) -> None:
    rules = owner(tmp_path, '[[rules.same]]\nkind = "category"\nterms = ["Node.js", "NodeJS", "node"]\n')
    posts = [Post(categories=[name]) for name in ("nodejs", "nodejs", "node.js", "other")]
    assert categories(*posts, rules=rules) == {
        "node.js": ("nodejs", ["nodejs", "node.js"], 3),
        "other": ("other", ["other"], 1),
    }


def test_what_the_owner_says_of_tags_is_not_said_of_categories(tmp_path: Path) -> None:
    rules = owner(tmp_path, '[[rules.same]]\nkind = "tag"\nterms = ["a", "b"]\n')
    assert categories(Post(categories=["a", "b"]), rules=rules).keys() == {"a", "b"}


def test_hosts_are_counted_by_links_and_by_posts() -> None:
    body = "[a](https://www.e.com/1) [b](https://www.e.com/2) [c](mailto:a@b.c) [d](/x) ![e](http://localhost/e.png)"
    hosts = summarised(Post(body), Post("[a](http://www.e.com/)"))["hosts"]
    assert hosts.select("host", "domain", "alias_of", "links", "posts").rows() == [
        ("localhost", "localhost", None, 1, 1),
        ("news.example.org", "example.org", None, 1, 1),
        ("www.e.com", "e.com", None, 3, 2),
    ]


def test_a_host_that_stands_for_another_says_so(tmp_path: Path) -> None:
    rules = owner(tmp_path, '[[rules.hosts]]\nname = "e"\nhost = "old.e.com"\nalias_of = "e.com"\n')
    hosts = summarised(Post("[a](http://old.e.com/) [b](http://e.com/)"), rules=rules)["hosts"]
    assert hosts.select("host", "alias_of").rows() == [("e.com", None), ("old.e.com", "e.com")]


def test_tables_come_from_files_as_well_as_from_memory(tmp_path: Path) -> None:
    posts = [Post("[l](https://e.com/) x", ["a"], ["b"], path=f"_posts/{number}.md") for number in range(50)]
    frames = as_read(*posts)
    rules = load_rules()
    lake = as_lake(*frames, rules)
    for name, table in lake.items():
        table.collect().write_parquet(tmp_path / f"{name}.parquet")
    one = summarise(lake, rules)
    other = summarise({name: pl.scan_parquet(tmp_path / f"{name}.parquet") for name in lake}, rules)
    assert {name: table.equals(other[name]) for name, table in one.items()} == dict.fromkeys(one, True)
