"""Liquid in links, resolved without running the site."""

from __future__ import annotations

import pytest

from pipelines.liquid import values


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("{% post_url 2022-04-15-a %}", "2022-04-15-a"),
        ("{%- post_url  news/2022-04-15-a -%}", "news/2022-04-15-a"),
        ("{% link _posts/2022-04-15-a.md %}#b", "_posts/2022-04-15-a.md"),
        ("{{ site.baseurl }}{% link a b.pdf %}", "a b.pdf"),
        ("{% link 'a.md' %}", "a.md"),
        ("{% link %}", None),
        ("{% linked a %}", None),
        ("{% include a %}", None),
        ("/a", None),
    ],
)
def test_target(value: str, target: str | None) -> None:
    assert values.target(value) == target


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("/a", "/a"),
        ("{{ site.url }}/a", "https://e.org/a"),
        ("{{-site.baseurl-}}/a", "/blog/a"),
        ("{{ '/a' | prepend: site.baseurl | prepend: site.url }}", "https://e.org/blog/a"),
        ("{{ '/a' | append: '.html' | relative_url }}", "/blog/a.html"),
        ("{{ 'https://e.com/a' | relative_url }}", "https://e.com/a"),
        ("{{ 'a' | relative_url }}", "/blog/a"),
        ("{{ '' | absolute_url }}", "https://e.org/blog"),
        ("{{ page.url }}", None),
        ("{{ site.url | upcase }}", None),
        ("{{ site.url }}{{ page.url }}", None),
        ("{{ site.url", None),
        ("{% raw %}", None),
    ],
)
def test_resolved(value: str, resolved: str | None) -> None:
    assert values.resolved(value, "https://e.org", "/blog") == resolved


@pytest.mark.parametrize("value", ["{% link " + " " * 100_000, "{{" * 50_000, "{{ " + "|" * 50_000, "{%" * 50_000])
def test_odd_values_cost_linear_time(value: str) -> None:
    assert (values.target(value), values.resolved(value, "", "")) == (None, None)
