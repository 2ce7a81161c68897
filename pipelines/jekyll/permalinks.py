"""A post's url: `Jekyll::URL`, `Drops::UrlDrop` and `Utils.slugify`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote

from pipelines import limits
from pipelines.jekyll import ruby
from pipelines.jekyll.names import base_name, extension

STYLES: Final = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
"""`Configuration#style_to_permalink`."""


class PermalinkError(ValueError):
    """No url can be made; Jekyll would abort its build. The message says why."""


class UrlTooLongError(PermalinkError):
    """The url, or what it is made of, is longer than `limits.URL_CHARACTERS`."""


class Document(NamedTuple):
    """What a url is made of. `path` is the document's (below `collections_dir`), `slug` as its front matter has it,
    `date` on the site's clocks."""

    path: str
    slug: object
    categories: Sequence[str]
    date: datetime
    output_ext: str


LONGEST: Final = 1_000
"""Characters of a text that what follows from it is remembered by: thousands of megabytes each would be gigabytes."""

_PLACEHOLDER: Final = re.compile(r":([a-z_]+)")
_SAFE: Final = re.compile(r"^[a-zA-Z0-9./-]+$", re.MULTILINE)
_KEPT: Final = "!$&'()*+,;=:@/?"
"""What stays beside letters, digits and `-._~`."""
_SCHEME: Final = re.compile(r"([^:/?#]+):")
_GOOD_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*\Z")
_SLASHES: Final = re.compile("/{2,}")
_DASHES: Final = re.compile("-{2,}")
_PRETTY: Final = re.compile(r"[A-Za-z0-9._~!$&'()+,;=@]+(?:-[A-Za-z0-9._~!$&'()+,;=@]+)*")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class _Letters(dict[int, str]):
    """A table for `str.translate` that turns all but letters, marks, digits and `kept` into hyphens, filled as
    needed.
    """

    def __init__(self, kept: str) -> None:
        super().__init__({ord(c): c for c in kept})

    def __missing__(self, code: int) -> str:
        category = unicodedata.category(chr(code))
        self[code] = chr(code) if category[0] in "LM" or category == "Nd" else "-"
        return self[code]


_PRETTY_LETTERS: Final = _Letters("._~!$&'()+,;=@")
_DEFAULT_LETTERS: Final = _Letters("")


def slugify(text: str, *, pretty: bool = False) -> str:
    """`Utils.slugify`, default mode (lower case), or `pretty` with its case kept as `:title` has it."""
    if pretty and _PRETTY.fullmatch(text):
        return text
    slug = _DASHES.sub("-", text.translate(_PRETTY_LETTERS if pretty else _DEFAULT_LETTERS))
    slug = slug.removeprefix("-").removesuffix("-")
    return slug if pretty else ruby.downcase(slug)


def escape(text: str) -> str:
    """`URL.escape_path`, which is `Addressable::URI.encode`.

    Raises:
        PermalinkError: the text reads as a url with a scheme that is none (`中:文`, `:x`).
    """
    if not text or _SAFE.search(text):
        return text
    return _escaped(text) if len(text) <= LONGEST else _escaped.__wrapped__(text)


@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    scheme = _SCHEME.match(text)
    if text.startswith(":") or (scheme and not _GOOD_SCHEME.match(scheme[1])):
        raise PermalinkError(
            f"{text[:80]!r} would have to be a url with the scheme {scheme[1][:40] if scheme else ''!r}"
        )
    return quote(text, safe=_KEPT)


def folders(categories: Sequence[str]) -> str:
    """What `:categories` stands for, not yet escaped."""
    return "/".join(dict.fromkeys(map(ruby.downcase, categories)))


_VALUES: Final[dict[str, Callable[[Document], str]]] = {
    "collection": lambda _: "posts",
    "path": lambda d: re.sub(r"\.*\Z", "", d.path[: len(d.path) - len(extension(d.path))].replace("_posts", "", 1)),
    "output_ext": lambda d: d.output_ext,
    "name": lambda d: slugify(_stem(d.path)),
    "title": lambda d: slugify(_slug(d), pretty=True),
    "slug": lambda d: slugify(_slug(d)),
    "categories": lambda d: folders(d.categories),
    "slugified_categories": lambda d: "/".join(dict.fromkeys(slugify(c) for c in d.categories)),
    "year": lambda d: f"{d.date.year:04d}",
    "month": lambda d: f"{d.date.month:02d}",
    "day": lambda d: f"{d.date.day:02d}",
    "hour": lambda d: f"{d.date.hour:02d}",
    "minute": lambda d: f"{d.date.minute:02d}",
    "second": lambda d: f"{d.date.second:02d}",
    "i_day": lambda d: str(d.date.day),
    "i_month": lambda d: str(d.date.month),
    "short_month": lambda d: _MONTHS[d.date.month - 1][:3],
    "long_month": lambda d: _MONTHS[d.date.month - 1],
    "short_year": lambda d: f"{d.date.year % 100:02d}",
    "w_year": lambda d: f"{d.date.isocalendar().year:04d}",
    "week": lambda d: f"{d.date.isocalendar().week:02d}",
    "w_day": lambda d: str(d.date.isoweekday()),
    "short_day": lambda d: _DAYS[d.date.weekday()][:3],
    "long_day": lambda d: _DAYS[d.date.weekday()],
    "y_day": lambda d: f"{d.date.timetuple().tm_yday:03d}",
}
"""`Drops::UrlDrop`."""


def _stem(path: str) -> str:
    base = base_name(path)
    return base[: len(base) - len(extension(base))]


def _slug(document: Document) -> str:
    slug = document.slug
    if isinstance(slug, str):
        _demand_short("slug", slug)
    if slug is None or slug is False:
        return _stem(document.path)
    if not isinstance(slug, str):
        raise PermalinkError(f"slug is no text: {ruby.to_s(slug)[:200]}")
    return slug


def _demand_short(what: str, text: str) -> None:
    if len(text) > limits.URL_CHARACTERS:
        raise UrlTooLongError(f"{what} of {len(text):,} characters, the limit is {limits.URL_CHARACTERS:,}")


def placeholders(template: str) -> set[str]:
    """The names of a template's placeholders."""
    return {name.removesuffix("_") for name in _PLACEHOLDER.findall(template)}


def unknown_placeholder(template: str) -> str | None:
    """The first placeholder of a template that Jekyll does not know."""
    return next((name for name in _PLACEHOLDER.findall(template) if name.removesuffix("_") not in _VALUES), None)


_NEVER_ESCAPED: Final = frozenset(_VALUES) - {
    "path",
    "output_ext",
    "title",
    "slug",
    "name",
    "categories",
    "slugified_categories",
}
Part = str | tuple[Callable[[Document], str], bool]
"""A text, or what gives a placeholder's value and whether that may have to be escaped."""


@lru_cache(maxsize=1024)
def _parts(template: str) -> tuple[Part, ...]:
    """The template cut at its placeholders: texts, and what gives a placeholder's value."""
    unknown = unknown_placeholder(template)
    if unknown:
        raise PermalinkError(f"the permalink {template[:200]!r} has a placeholder :{unknown} that Jekyll does not know")
    out: list[Part] = []
    end = 0
    for match in _PLACEHOLDER.finditer(template):
        out.append(template[end : match.start()])
        name = match[1].removesuffix("_")
        out.append((_VALUES[name], name not in _NEVER_ESCAPED))
        end = match.start() + 1 + len(name)
    out.append(template[end:])
    return tuple(part for part in out if part != "")


def url(template: str, document: Document) -> str:
    """The url's path (`URL#to_s`): placeholders filled, `..` and `./` taken out, one slash between parts.

    Raises:
        PermalinkError: the template has an unknown placeholder, or a value cannot be escaped.
        UrlTooLongError: the url is too long.
    """
    _demand_short("permalink", template)
    filled = "/"
    values: dict[Part, str] = {}  # what is long is not made over and over again
    for part in _parts(template) if len(template) <= LONGEST else _parts.__wrapped__(template):
        if isinstance(part, str):
            filled += part
        else:
            if part not in values:
                value = part[0](document)
                values[part] = escape(value) if part[1] else value
            filled += values[part]
        if len(filled) > limits.URL_CHARACTERS:
            raise UrlTooLongError(f"the limit is {limits.URL_CHARACTERS:,} characters: {filled[:80]!r}…")
    if ".." in filled:
        filled = filled.replace("..", "/")
    if "./" in filled:
        filled = filled.replace("./", "")
    return _SLASHES.sub("/", filled) if "//" in filled else filled


def output_ext(permalink: str | None, ext: str, markdown: frozenset[str]) -> str:
    """`Renderer#output_ext`: the permalink's own extension, else what the file's converter makes."""
    if permalink and not permalink.endswith("/"):
        own = extension(permalink)
        if own:
            return own
    if ext.lower() in markdown:
        return ".html"
    return ".css" if ext.lower() in (".scss", ".sass") else ext
