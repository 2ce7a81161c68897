"""One post: what Jekyll says of a document, given its path, its text and the site's rules. No files are touched here.

The order of things is `Document#read`'s: folders, defaults, front matter, then title, categories, tags, then the url.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.jekyll import dates, front_matter, permalinks, ruby, terms
from pipelines.jekyll.config import Site
from pipelines.jekyll.dates import DateError
from pipelines.jekyll.defaults import finder
from pipelines.jekyll.encodings import UNMARKED, UTF_8
from pipelines.jekyll.front_matter import FrontMatter
from pipelines.jekyll.loader import YamlError, YamlLimitError
from pipelines.jekyll.names import DATED, DATELESS, PLAIN, Filter, base_name, extension
from pipelines.jekyll.permalinks import PermalinkError, UrlTooLongError
from pipelines.jekyll.scalars import valid_day
from pipelines.jekyll.terms import TermsError, TooManyTermsError
from pipelines.markup import extensions, is_markdown


@dataclass(frozen=True, slots=True)
class Rules:
    """A site's configuration made ready for many posts, and the time it is."""

    site: Site
    zone: ZoneInfo
    now: int
    names: Filter
    markups: dict[str, str]
    """The markups of extensions, as `markup.extensions` returns them."""
    markdown: frozenset[str]
    defaults: Callable[[str], dict[str, object]]

    @staticmethod
    def of(site: Site, now: datetime) -> Rules:
        markups = extensions(site.markdown_ext, site.markdown)
        return Rules(
            site=site,
            zone=site.zone,
            now=int((now - dates.EPOCH).total_seconds() // 1),
            names=Filter.of(site.include, site.exclude),
            markups=markups,
            markdown=frozenset(extension for extension, markup in markups.items() if is_markdown(markup)),
            defaults=finder(site),
        )


class Rejection(ValueError):  # noqa: N818 - an outcome, not a failure
    """The document is no post that can be trusted: a key of `reasons.REJECTED`, and the evidence."""

    def __init__(self, reason: str, detail: str | None = None, size: int | None = None) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.size = size


@dataclass(slots=True)
class Name:
    """What a document's name says (`Document#populate_title`)."""

    date: str | None
    slug: str
    ext: str


@dataclass(slots=True)
class When:
    """The date of a post: the instant (epoch seconds), on the site's clocks, and where it comes from."""

    epoch: int
    local: datetime
    written: str | None
    source: str
    flags: list[str]


@dataclass(slots=True)
class Post:
    """What Jekyll says of a document."""

    title: str
    slug: str
    when: When
    categories: list[str]
    tags: list[str]
    url: str
    layout: str | None
    state: str
    rendered: bool
    cut: int | None
    """The place in the body at which the excerpt ends; None for an excerpt in the front matter."""


_NO_FLAGS: Final[list[str]] = []


def as_though_in_posts(path: str, folder: str, place: str) -> str:
    """The path by which a file is judged: an archived post's as though its folder were called `_posts`."""
    if place != "archived":
        return path
    above = folder.rpartition("/")[0]
    return f"{above}/_posts{path[len(folder) :]}" if above else f"_posts{path[len(folder) :]}"


def document_path(site: Site, path: str) -> str:
    """Jekyll's `relative_path`: the path below `collections_dir`."""
    inside = site.collections_dir
    return path[len(inside) + 1 :] if inside and path.startswith(f"{inside}/") else path


def name_of(path: str) -> Name:
    """Date, slug and extension of a document's name, dots at the slug's end taken away."""
    base = path[path.rfind("/") + 1 :]
    if PLAIN.fullmatch(base):
        dot = base.rfind(".")
        return Name(base[:10], base[11:dot], base[dot:])
    found = DATED.search(path)
    if found:
        day, slug, ext = found.groups()
        return Name(day, slug.rstrip("."), ext)
    found = DATELESS.search(path)
    if found:
        slug, ext = found.groups()
        return Name(None, slug.rstrip("."), ext)
    return Name(None, base.rstrip("."), extension(base))


def merged(rules: Rules, path: str, fm: FrontMatter) -> dict[str, object]:
    """The document's data: its folders' categories, the defaults that apply, its front matter.

    Raises:
        Rejection: `categories` is none.
    """
    special = "_posts" if "_posts" in path else "_drafts"
    data: dict[str, object] = {"categories": terms.from_folders(path, special, base_name(path))}
    try:
        defaults = rules.defaults(path)
        if defaults:
            data = terms.merge(data, defaults)
        if fm.data:
            data = terms.merge(data, fm.data)
    except TermsError as error:
        raise Rejection("bad_categories", str(error)) from None
    return data


def when(rules: Rules, path: str, name: Name, fm: FrontMatter, data: dict[str, object], modified: int | None) -> When:
    """The document's date: front matter, else defaults, else the name, else (`modified`, for drafts) the file's time.

    Raises:
        Rejection: there is none, or what is written is none.
    """
    zone = rules.zone
    value = data.get("date")
    own = "date" in fm.data and (fm.data["date"] is not None or not rules.defaults(path).get("date"))
    if "date" in data:
        written = value.text if isinstance(value, (ruby.Date, ruby.Time)) else ruby.to_s(value)
        try:
            reading = dates.read(value, zone, rules.now)
            # Merged once more for each of categories and tags; a default also with itself and with the front matter.
            epoch = dates.shown_again(reading.epoch, zone, 2 if own else 4 if fm.data else 3)
            local = dates.local(epoch, zone)
        except DateError as error:
            raise Rejection("bad_date", f"{written[:200]!r}: {error}") from None
        if epoch != rules.now or name.date is None:
            flags = []
            if isinstance(value, ruby.Time) and value.offset is None:
                flags.append("read_as_utc")
            if name.date is not None and _differs(name.date, local):
                flags.append("differs_from_name")
            if reading.ambiguous_zone:
                flags.append("ambiguous_zone")
            if reading.rolled_over:
                flags.append("rolled_over")
            return When(epoch, local, written, "front_matter" if own else "defaults", flags)
    if name.date is not None:
        try:
            reading = dates.read_text(name.date, zone, rules.now)
            epoch = dates.shown_again(reading.epoch, zone, 2)
            flags = ["rolled_over"] if reading.rolled_over else _NO_FLAGS
            return When(epoch, dates.local(epoch, zone), name.date, "name", flags)
        except DateError as error:
            raise Rejection("bad_date", f"{name.date!r} in the name: {error}") from None
    if modified is None:
        raise Rejection("no_date")
    try:
        return When(modified, dates.local(modified, zone), None, "modified", _NO_FLAGS)
    except DateError as error:
        raise Rejection("bad_date", f"the file's modification time: {error}") from None


def _differs(name_date: str, local: datetime) -> bool:
    if local.isoformat().startswith(name_date) and len(name_date) == 10:
        return False
    year, month, day = name_date.split("-")
    number = int(year) + (0 if len(year) > 2 else 1900 if int(year) >= 69 else 2000)
    if (number, int(month), int(day)) == (local.year, local.month, local.day):
        return False
    return valid_day(number, int(month), int(day))


def decode(data: bytes, encoding: str) -> str:
    """The bytes as text in the site's encoding (`Site.encoding`), without the byte order mark that Jekyll takes away.

    Raises:
        Rejection: they are none.
    """
    codec = UTF_8 if encoding == UNMARKED else encoding
    try:
        decoded = data.decode(codec)
    except (UnicodeError, ValueError) as error:
        at = getattr(error, "start", None)
        detail = f"not {codec}"
        if isinstance(at, int) and at < len(data):
            line, column = data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)
            detail += f": byte 0x{data[at]:02x} at line {line} column {column}"
        raise Rejection("not_decodable", detail) from None
    return decoded.removeprefix("\ufeff") if encoding == UNMARKED else decoded


def read(text: str) -> tuple[FrontMatter, str]:
    """Front matter and body of a document's text.

    Raises:
        Rejection: the front matter is broken beyond repair or beyond a limit.
    """
    found = front_matter.split(text)
    if found is None:
        return FrontMatter(), text
    try:
        return front_matter.read(text, found), text[found.body :]
    except YamlLimitError as error:
        raise Rejection("front_matter_too_large", str(error)) from None
    except YamlError as error:
        raise Rejection("front_matter_broken", str(error)) from None


def describe(rules: Rules, path: str, place: str, fm: FrontMatter, body: str, modified: int) -> Post:
    """What Jekyll says of the document at `path` (see `document_path`) with this front matter and body.

    `place` is posts, drafts or archived; `modified` the file's modification time in epoch seconds.

    Raises:
        Rejection: Jekyll could not read it, or would abort.
    """
    data = merged(rules, path, fm)
    name = name_of(path)
    moment = when(rules, path, name, fm, data, modified if place == "drafts" else None)
    try:
        categories, tags = terms.categories(data), terms.tags(data)
    except TooManyTermsError as error:
        raise Rejection("too_many_terms", str(error)) from None
    slug = data.get("slug")
    slug = name.slug if slug is None or slug is False else slug
    layout = data.get("layout")
    state, rendered = state_of(rules, place, data, moment.epoch)
    title = data.get("title")
    return Post(
        title=titleize(name.slug) if title is None or title is False else ruby.to_s(title),
        slug=ruby.to_s(slug),
        when=moment,
        categories=categories,
        tags=tags,
        url=url_of(rules, path, slug, categories, moment.local, data.get("permalink")),
        layout=None if layout is None else ruby.to_s(layout),
        state=state,
        rendered=rendered,
        cut=cut(rules.site, data, body),
    )


def state_of(rules: Rules, place: str, data: dict[str, object], epoch: int) -> tuple[str, bool]:
    """A post's state, and whether the site's configuration would emit it (`Publisher`)."""
    site = rules.site
    published = data.get("published", True)
    hidden = published is None or published is False
    future = epoch > rules.now
    draft = place == "drafts"
    state = "draft" if draft else "hidden" if hidden else "future" if future else "published"
    return state, (site.show_drafts or not draft) and (site.unpublished or not hidden) and (site.future or not future)


def url_of(rules: Rules, path: str, slug: object, categories: list[str], local: datetime, permalink: object) -> str:
    """The url's path; `permalink` is the post's own, if it has one.

    Raises:
        Rejection: no url can be made.
    """
    if permalink is None or permalink is False:
        permalink = None
    elif not isinstance(permalink, str):
        raise Rejection("bad_permalink", f"permalink is no text: {ruby.to_s(permalink)[:200]}")
    ext = permalinks.output_ext(permalink, extension(path), rules.markdown)
    template = rules.site.permalink if permalink is None else permalink
    try:
        return permalinks.url(template, permalinks.Document(path, slug, categories, local, ext))
    except UrlTooLongError as error:
        raise Rejection("url_too_long", str(error)) from None
    except PermalinkError as error:
        raise Rejection("bad_permalink", str(error)) from None


def cut(site: Site, data: dict[str, object], body: str) -> int | None:
    """Return the place in the body at which Jekyll's excerpt ends: at the separator, or where the body ends.

    None if the front matter has an excerpt of its own. Source: `Excerpt#extract_excerpt`.
    """
    own, separator = data.get("excerpt"), data.get("excerpt_separator")
    if own is not None and own is not False:
        return None
    separator = site.excerpt_separator if separator is None or separator is False else ruby.to_s(separator)
    if not separator:
        return 0
    end = body.find(separator)
    return len(body) if end < 0 else end


def titleize(slug: str) -> str:
    """`Utils.titleize_slug`: the title of a post that has none."""
    words = slug.split("-")
    while words and not words[-1]:
        words.pop()  # Ruby's split leaves out empty texts at the end
    return " ".join(ruby.capitalize(word) for word in words)


def days(moment: datetime) -> int:
    """Days since 1970-01-01 of a local date."""
    return date.toordinal(moment) - 719_163
