"""A post's categories and tags: `Document#merge_categories!`, `populate_categories`, `populate_tags`."""

from __future__ import annotations

from typing import Final

from pipelines import limits
from pipelines.jekyll import ruby
from pipelines.jekyll.defaults import deep_merge


class TermsError(ValueError):
    """Ruby raises on the value of `categories`; Jekyll cannot read the file."""


class TooManyTermsError(TermsError):
    """A post has more categories or tags than the limit."""


_ARTICLES: Final = {
    "bool": "a boolean",
    "int": "a number",
    "float": "a number",
    "Date": "a date",
    "Time": "a date",
    "dict": "a map",
}


def from_folders(path: str, special: str, name: str) -> list[object]:
    """`categories_from_path`: the folders above `_posts` (or `_drafts`) on a document's path."""
    if path.startswith(special):
        return []
    cut = path.find(special)
    above = path[:cut] if cut >= 0 else path
    return [part for part in above.split("/") if part and part not in (special, name)]


def merge(data: dict[str, object], other: dict[str, object]) -> dict[str, object]:
    """`Document#merge_data!` but for the date: categories are united, all else is merged deep.

    Raises:
        TermsError: `categories` is no text, list or null.
    """
    added = other.get("categories")
    if added is not None:
        if isinstance(added, str):
            added = ruby.split(added)
        if not isinstance(added, list):
            kind = _ARTICLES.get(type(added).__name__, "no list")
            raise TermsError(f"categories is {kind} ({ruby.to_s(added)[:80]}), neither words nor a list")
        before = data.get("categories")
        merged = deep_merge(data, other)
        merged["categories"] = ruby.union(before, added) if isinstance(before, list) and before else _once(added)
        return merged
    return deep_merge(data, other)


def _once(items: list[object]) -> list[object]:
    return items if len(items) < 2 else ruby.union(items, ())


def categories(data: dict[str, object]) -> list[str]:
    """The categories of merged front matter, as texts. As Jekyll leaves them: what was no text stands there twice.

    Raises:
        TooManyTermsError: there are more than `limits.TERMS`.
    """
    return _limited("categories", _categories(data))


def _limited(kind: str, texts: list[str]) -> list[str]:
    if len(texts) > limits.TERMS:
        raise TooManyTermsError(f"{len(texts):,} {kind}, the limit is {limits.TERMS:,}")
    return texts


def _categories(data: dict[str, object]) -> list[str]:
    before = data.get("categories")
    listed = before if isinstance(before, list) else []
    if "category" not in data and all(type(item) is str for item in listed):
        return list(dict.fromkeys(listed))
    texts = [ruby.to_s(item) for item in [*listed, *_plural(data, "category", "categories")]]
    return [ruby.to_s(item) for item in ruby.union(listed, dict.fromkeys(texts))]


def tags(data: dict[str, object]) -> list[str]:
    """The tags of merged front matter, as texts, repeats kept.

    Raises:
        TooManyTermsError: there are more than `limits.TERMS`.
    """
    return _limited("tags", [ruby.to_s(item) for item in _plural(data, "tag", "tags")])


def _plural(data: dict[str, object], singular: str, plural: str) -> list[object]:
    """`Utils.pluralized_array_from_hash`: the singular key beats the plural one; only that one's text is
    split; nulls go.
    """
    value = data.get(singular)
    if value is None or value is False:
        value = data.get(plural)
        if isinstance(value, str):
            return list(ruby.split(value))
        if not isinstance(value, list):
            return []
    return [item for item in ruby.flatten(value) if item is not None]
