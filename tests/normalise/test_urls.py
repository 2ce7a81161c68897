"""Kinds of urls and their canonical form."""

from __future__ import annotations

import dataclasses
import re
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.normalise import urls
from pipelines.normalise.rules import Host, load_rules
from pipelines.normalise.urls import Resolver, SiteFacts, domain
from warehouse import contracts

RULES = load_rules()
SITE = Resolver(SiteFacts("https://news.example.org", "/blog"), RULES)
NO_SITE = Resolver(SiteFacts("", ""), RULES)
PAGE = SITE.page("/2022/04/15/a.html")


@pytest.mark.parametrize(
    ("url", "baseurl", "root"),
    [
        ("https://news.example.org", "", ""),
        ("https://news.example.org", "blog/", "/blog"),
        ("https://example.org/~me/", "/blog", "/~me/blog"),
        ("", "/日本", "/%E6%97%A5%E6%9C%AC"),
        ("", "/", ""),
        ("", "\ud800", ""),
    ],
    ids=["of a host", "baseurl", "url with a path", "no url", "a slash", "no text"],
)
def test_the_root_of_a_site(url: str, baseurl: str, root: str) -> None:
    assert urls.root(SiteFacts(url, baseurl)) == root


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        pytest.param("HTTP://Example.COM/A", "http://example.com/A", id="case of scheme and host"),
        pytest.param("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC", id="IDNA and percent-encoding"),
        pytest.param("https://example.com:443/", "https://example.com/", id="default port"),
        pytest.param("https://example.com:8080/", "https://example.com:8080/", id="other port"),
        pytest.param("https://example.com/a/../b/./c", "https://example.com/b/c", id="dot segments"),
        pytest.param("https://example.com/%2e%2E/b", "https://example.com/b", id="dot segments, encoded"),
        pytest.param("https://example.com", "https://example.com/", id="no path"),
        pytest.param("https://example.com/a#b", "https://example.com/a", id="fragment"),
        pytest.param("//example.com/a", "https://example.com/a", id="the site's scheme"),
        pytest.param("/a", "https://news.example.org/a", id="from the host's root"),
        pytest.param("b.html", "https://news.example.org/blog/2022/04/15/b.html", id="beside the page"),
        pytest.param("../b.html", "https://news.example.org/blog/2022/04/b.html", id="above the page"),
        pytest.param("?x=1", "https://news.example.org/blog/2022/04/15/a.html?x=1", id="a query alone"),
        pytest.param("https://e.com/?utm_source=a&b=1&FBCLID=2&spm=3", "https://e.com/?b=1", id="tracking"),
        pytest.param("https://e.com/?utm_source=a", "https://e.com/", id="nothing but tracking"),
        pytest.param("https://e.com/?b=2&a=1&b=1", "https://e.com/?a=1&b=2&b=1", id="sorted by name"),
        pytest.param("https://e.com/?a&&b=", "https://e.com/?a&b=", id="empty parameters"),
        pytest.param("  https://e.com/a b\n", "https://e.com/a%20b", id="blanks"),
        pytest.param("https:\\\\e.com\\a", "https://e.com/a", id="backslashes"),
        pytest.param("http://[::1]:80/", "http://[::1]/", id="IPv6"),
        pytest.param("http://0x7f.1/", "http://127.0.0.1/", id="IPv4 in disguise"),
        pytest.param("mailto:a@b.example", "mailto:a@b.example", id="mail"),
        pytest.param("#a", None, id="fragment alone"),
        pytest.param("javascript:alert(1)", None, id="script"),
    ],
)
def test_canonical_url(written: str, canonical: str | None) -> None:
    assert SITE.resolve(written, PAGE).canonical_url == canonical


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("https://example.com/", "external"),
        ("//example.com/", "external"),
        ("https://news.example.org/x", "internal"),
        ("http://www.news.example.org/x", "internal"),
        ("x/y", "internal"),
        ("", "empty"),
        (" \n", "empty"),
        ("#x", "fragment"),
        ("mailto:a@b.example", "mail"),
        ("MAILTO:a@b.example", "mail"),
        ("javascript:alert(1)", "script"),
        ("java\nscript:alert(1)", "script"),
        ("data:text/html,x", "data"),
        ("tel:123", "other"),
        ("ftp://example.com/", "other"),
        ("http://", "broken"),
        ("http://a b/", "broken"),
        ("https://exa%mple.com/", "broken"),
        ("http://[::1/", "broken"),
        ("https://\ud800.example/", "broken"),
        ("https://e.com:99999/", "broken"),
    ],
)
def test_kind(written: str, kind: str) -> None:
    assert SITE.resolve(written, PAGE).kind == kind


@pytest.mark.parametrize(
    ("written", "kind", "canonical"),
    [
        ("{{ site.url }}/a", "internal", "https://news.example.org/a"),
        ("{{site.url}}{{site.baseurl}}/a", "internal", "https://news.example.org/blog/a"),
        ("{{ '/a' | relative_url }}", "internal", "https://news.example.org/blog/a"),
        ('{{ "/a" | prepend: site.baseurl }}', "internal", "https://news.example.org/blog/a"),
        ("{{ 'a' | absolute_url }}", "internal", "https://news.example.org/blog/a"),
        ("{% post_url 2022-04-15-a %}", "internal", None),
        ("{% link _posts/2022-04-15-a.md %}#x", "internal", None),
        ("{{ page.url }}", "liquid", None),
        ("https://e.com/{{ page.id }}", "liquid", None),
        ("{{ site.url | upcase }}/a", "liquid", None),
        ("{% include url.html %}", "liquid", None),
        ("{{ broken", "liquid", None),
    ],
)
def test_liquid(written: str, kind: str, canonical: str | None) -> None:
    address = SITE.resolve(written, PAGE, has_liquid=True)
    assert (address.kind, address.canonical_url) == (kind, canonical)


def test_without_a_site_url_internal_links_are_paths() -> None:
    page = NO_SITE.page("/c/a.html")
    assert NO_SITE.resolve("../b#top", page) == urls.Address("internal", "/b")
    assert NO_SITE.resolve("//example.com/b", page).canonical_url == "https://example.com/b"


@pytest.mark.parametrize("configured", ["news.example.org", "//news.example.org/", " https://news.example.org "])
def test_a_site_url_written_carelessly(configured: str) -> None:
    resolver = Resolver(SiteFacts(configured, ""), RULES)
    assert resolver.resolve("/a", resolver.page("/b/")).canonical_url == "https://news.example.org/a"


def test_a_host_that_stands_for_the_site_is_internal() -> None:
    alias = Host(name="old", host="old.example.com", alias_of="news.example.org")
    moved = Resolver(SiteFacts("https://news.example.org", ""), dataclasses.replace(RULES, hosts=(alias,)))
    assert moved.resolve("http://old.example.com/a", PAGE).kind == "internal"


@pytest.mark.parametrize(
    ("host", "registered"),
    [
        ("a.b.example.co.uk", "example.co.uk"),
        ("finance.example.com.cn", "example.com.cn"),
        ("example.org", "example.org"),
        ("localhost", "localhost"),
        ("co.uk", "co.uk"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("www.食狮.公司.cn", "食狮.公司.cn"),
    ],
)
def test_registered_domain(host: str, registered: str) -> None:
    assert domain(host) == registered


PIECES = st.one_of(
    st.sampled_from(
        [
            "http:",
            "https:",
            "https://",
            "/",
            ".",
            "..",
            "%2e",
            "%2E",
            "?",
            "&",
            "=",
            "#",
            "@",
            ":",
            "[",
            "]",
            "\\",
            "\t",
        ]
    ),
    st.sampled_from(
        ["utm_a=1", "spm", "b=2", "a=1", "example.com", "xn--", "WWW.", "ü", "中", "%zz", ";", "'", "{", "|"]
    ),
    st.text(string.printable, max_size=3),
    st.text(max_size=2),
)
WRITTEN = st.lists(PIECES, max_size=8).map("".join) | st.lists(PIECES, max_size=6).map(
    lambda parts: "https://example.com/" + "".join(parts)
)


@settings(max_examples=700, deadline=None)
@given(WRITTEN)
@example("foo: #x")
@example("foo:a ?b #x")
def test_canonical_urls_are_canonical_and_nothing_raises(written: str) -> None:
    address = SITE.resolve(written, PAGE)
    assert address.kind in contracts.LINK_KINDS
    if address.canonical_url is not None:
        assert SITE.resolve(address.canonical_url, PAGE) == address


@settings(max_examples=700, deadline=None)
@given(WRITTEN)
@example("https://example.com/a//b/.c?x=1#y")
@example("https://example.com/%2E%2e/b")
@example("https://1.2.3/")
@example("https://xn--a.com/")
def test_the_short_cut_says_what_the_library_says(written: str) -> None:
    slowly = Resolver(SiteFacts("https://news.example.org", "/blog"), RULES)
    assert SITE.resolve(written, PAGE) == slowly._resolve(written, PAGE)


def test_long_queries_cost_linear_time() -> None:
    address = SITE.resolve("https://example.com/?" + "&".join(f"a{number}=1" for number in range(20_000)), PAGE)
    assert address.canonical_url is not None
    assert len(re.findall("&", address.canonical_url)) == 19_999
