"""Posts as nearly all are: what `documents` says of them, remembered by what it depends on.

Most lines of front matter stand in many posts; categories depend on one or two of them, a url on the day, beside its
slug and categories, an offset on the day. What is new in a post is its title and its time.

`Common.post` answers as `documents.read` and `documents.describe` do, or not at all. Only dates in the commonest form
are read here; all else is asked of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from pipelines.jekyll import dates, documents, front_matter, permalinks, ruby, scalars, terms
from pipelines.jekyll.dates import DateError
from pipelines.jekyll.documents import Name, Rejection, Rules
from pipelines.jekyll.encodings import UNMARKED, UTF_8
from pipelines.jekyll.flat_lines import pair
from pipelines.jekyll.front_matter import FrontMatter
from pipelines.jekyll.permalinks import PermalinkError
from pipelines.jekyll.terms import TooManyTermsError

_REMEMBERED: Final = 10_000
"""Entries in each memory at most; then it begins anew."""

_NAME: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-([^/.\n]+)(\.[A-Za-z]+)")
_TIMESTAMP: Final = re.compile(
    r"date: +(((?:19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}) ([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])"
    r"(?: ([+-][0-9]{4}))?)"
)
_BY_DAY: Final = frozenset(
    (
        *("collection", "output_ext", "title", "categories", "year", "short_year", "w_year", "month", "i_month"),
        *("short_month", "long_month", "week", "day", "i_day", "w_day", "short_day", "long_day", "y_day"),
    )
)
"""Placeholders of permalinks that depend on day and extension alone, title and categories apart."""

_SAFE_SLUG: Final = re.compile(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*")
"""Slugs that stand in a url as they are written."""

_SAFE_FOLDER: Final = re.compile(r"[A-Za-z0-9_%-]+(?:/[A-Za-z0-9_%-]+)*")
"""Categories, made ready for a url, of which no rule of permalinks takes anything away."""

_SLUG, _FOLDER = "0in0place0of0a0slug0", "0in0place0of0categories0"
_DECISIVE: Final = frozenset(
    (
        *("date", "title", "slug", "categories", "category", "tags", "tag"),
        *("published", "permalink", "excerpt", "excerpt_separator"),
    )
)
"""Keys that say more than what they hold; defaults of them are left to `documents`."""

_TERM_KEYS: Final = frozenset({"categories", "category", "tags", "tag"})
_BLANKS: Final = frozenset(ruby.BLANKS)
_DAY: Final = 86_400
_MISSING: Final = object()
_NO_FLAGS: Final[list[str]] = []


class _Moment(NamedTuple):
    """A post's date: epoch seconds and the local day since 1970-01-01; the rest as `documents.When` has it."""

    epoch: int
    day: int
    written: str | None
    source: str
    flags: list[str]


class Described(NamedTuple):
    """What `documents` says of a post, as the columns of `posts` (`published_at` in microseconds since 1970); then its
    body, the place in it at which its excerpt ends, and the error of salvaged front matter.
    """

    slug: str
    title: str
    published_at: int
    published_on: int
    date_written: str | None
    date_source: str
    date_flags: list[str]
    url: str
    layout: str | None
    state: str
    rendered: bool
    front_matter_state: str
    categories: list[str]
    tags: list[str]
    front_matter: str
    body: str
    cut: int | None
    error: str | None


def in_full(rules: Rules, path: str, place: str, text: str, modified: int) -> Described:
    """The post of this text by all the rules; `modified` is the file's time in epoch seconds.

    Raises:
        Rejection: it is no post that can be trusted.
    """
    fm, body = documents.read(text)
    post = documents.describe(rules, path, place, fm, body, modified)
    return Described(
        post.slug,
        post.title,
        post.when.epoch * 1_000_000,
        documents.days(post.when.local),
        post.when.written,
        post.when.source,
        post.when.flags,
        post.url,
        post.layout,
        post.state,
        post.rendered,
        fm.state,
        post.categories,
        post.tags,
        front_matter.to_json(fm.data),
        body,
        post.cut,
        fm.error,
    )


_Line = tuple[str, object, str, str]
"""Of a line of front matter: key, value, JSON; and the line itself where it has to do with categories and tags."""

_Terms = tuple[list[str], list[str], str | None]
"""Categories, tags, and the categories as they stand in a url; None where that is not simple."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def _remember(memory: dict[_Key, _Value], key: _Key, value: _Value) -> _Value:
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[key] = value
    return value


class Common:
    """Describes posts of one site, as of one time."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._lines: dict[str, _Line] = {}
        self._moments: dict[tuple[str, object], _Moment | None] = {}
        self._offsets: dict[int, int | None] = {}
        self._terms: dict[tuple[str, str], _Terms | None] = {}
        self._urls: dict[tuple[bool, int, str], str] = {}
        self._by_day = permalinks.placeholders(rules.site.permalink) <= _BY_DAY

    def post(self, path: str, data: bytes) -> Described | None:
        """The post of these bytes at `path` (see `documents.document_path`), which is no draft's; None where it is not
        surely common.
        """
        rules = self._rules
        name = _NAME.fullmatch(path, path.rfind("/") + 1)
        if not name or not data.startswith(b"---\n") or rules.site.encoding not in (UTF_8, UNMARKED):
            return None
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return None
        end = text.find("\n---\n", 3)
        start = end + (6 if text.startswith("\n", end + 5) else 5)
        if end <= 3 or text[start : start + 1] in _BLANKS:
            return None

        fm: dict[str, object] = {}
        written = []
        terms_said = ""
        stamp = None
        lines = text[4:end].split("\n")
        for line in lines:
            read = self._lines.get(line)
            if read is None:
                if line.startswith("date: ") and (stamp := _TIMESTAMP.fullmatch(line)):
                    fm["date"] = stamp
                    written.append(f'"date": "{stamp[1]}"')
                    continue
                read = self._line(line)
                if read is None:
                    return None
            key, value, json, said = read
            fm[key] = value
            written.append(json)
            terms_said += said
        defaults = rules.defaults(path)
        if len(fm) < len(lines) or "slug" in fm or not _DECISIVE.isdisjoint(defaults):
            return None

        name_date, slug, ext = name.groups()
        moment = self._stamped(stamp, name_date) if stamp else self._moment(path, Name(name_date, slug, ext), fm)
        known = (path[: name.start()], terms_said)
        named = self._terms[known] if known in self._terms else _remember(self._terms, known, self._named(path, fm))
        if moment is None or named is None:
            return None
        url = self._url(path, slug, ext, named, moment, fm.get("permalink"))
        if url is None:
            return None
        layout = fm.get("layout")
        if layout is None:
            layout = defaults.get("layout")
        state, rendered = documents.state_of(rules, "posts", fm, moment.epoch)
        body = text[start:]
        return Described(
            slug,
            documents.title_of(fm, slug),
            moment.epoch * 1_000_000,
            *moment[1:],
            url,
            None if layout is None else ruby.to_s(layout),
            state,
            rendered,
            "clean",
            named[0],
            named[1],
            "{" + ", ".join(written) + "}",
            body,
            documents.cut(rules.site, fm, body),
            None,
        )

    def _line(self, line: str) -> _Line | None:
        found = pair(line)
        if found is None:
            return None
        key, value = found
        said = f"{line}\n" if key in _TERM_KEYS else ""
        read = (key, value, front_matter.to_json({key: value})[1:-1], said)
        return read if key == "title" else _remember(self._lines, line, read)

    def _stamped(self, stamp: re.Match[str], name_date: str) -> _Moment | None:
        """The date of a timestamp in the commonest form."""
        written, day_text, hour, minute, second, zone = stamp.groups()
        day = _day(day_text)
        east = _seconds_east(zone)
        if day is None or east is None:
            return None
        epoch = day * _DAY + int(hour) * 3600 + int(minute) * 60 + int(second) - east
        local_day = self._local_day(epoch)
        if local_day is None or epoch == self._rules.now:
            return None
        flags = _NO_FLAGS if zone else ["read_as_utc"]
        if local_day != (named_day := _day(name_date)) and named_day is not None:
            flags = [*flags, "differs_from_name"]
        return _Moment(epoch, local_day, written, "front_matter", flags)

    def _local_day(self, epoch: int) -> int | None:
        """The day on the site's clocks; None where they change on it, or were no clocks of today."""
        day = epoch // _DAY
        offset = self._offsets.get(day, _MISSING)
        if offset is _MISSING:
            zone = self._rules.zone
            offset = None
            try:
                first, last = (dates.local(moment, zone).utcoffset() for moment in (day * _DAY, (day + 1) * _DAY))
            except DateError:
                first = last = None
            if first is not None and first == last and epoch > dates.LAST_MEAN_TIME:
                offset = int(first.total_seconds())
            _remember(self._offsets, day, offset)
        return None if offset is None else (epoch + offset) // _DAY  # type: ignore[operator]

    def _moment(self, path: str, name: Name, fm: dict[str, object]) -> _Moment | None:
        """Any other date, or the name's."""
        value = fm.get("date", _MISSING)
        if isinstance(value, (list, bool, int, float)):
            return None  # 1 and true would be one key
        key = (name.date or "", value)
        if key in self._moments:
            return self._moments[key]
        own = {} if value is _MISSING else {"date": value}
        try:
            when = documents.when(self._rules, path, name, FrontMatter(own, "clean"), own, None)
        except Rejection:
            return None
        moment = _Moment(when.epoch, documents.days(when.local), when.written, when.source, when.flags)
        return _remember(self._moments, key, moment)

    def _named(self, path: str, fm: dict[str, object]) -> _Terms | None:
        try:
            data = documents.merged(self._rules, path, FrontMatter(fm, "clean"))
            categories, tags = terms.categories(data), terms.tags(data)
        except (Rejection, TooManyTermsError):
            return None
        return categories, tags, _folder(categories)

    def _url(self, path: str, slug: str, ext: str, named: _Terms, moment: _Moment, permalink: object) -> str | None:
        categories, _, folder = named
        try:
            title = ""
            if permalink is None and folder is not None and self._by_day:
                title = slug if _SAFE_SLUG.fullmatch(slug) else permalinks.escape(permalinks.slugify(slug, pretty=True))
            if folder is None or not title:
                local = dates.local(moment.epoch, self._rules.zone)
                return documents.url_of(self._rules, path, slug, categories, local, permalink)
            known = (bool(folder), moment.day, ext)
            made = self._urls.get(known)
            if made is None:
                local = dates.local(moment.epoch, self._rules.zone)
                made = documents.url_of(self._rules, path, _SLUG, [_FOLDER] if folder else [], local, None)
                _remember(self._urls, known, made)
        except (PermalinkError, Rejection):
            return None
        return made.replace(_FOLDER, folder).replace(_SLUG, title)


def _folder(categories: list[str]) -> str | None:
    try:
        folder = permalinks.escape(permalinks.folders(categories))
    except PermalinkError:
        return None
    return folder if not categories or _SAFE_FOLDER.fullmatch(folder) else None


@lru_cache(maxsize=_REMEMBERED)
def _day(text: str) -> int | None:
    """The day since 1970-01-01 of a date as YYYY-MM-DD; None where there is no such day."""
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
    return scalars.days(year, month, day) if scalars.valid_day(year, month, day) else None


@lru_cache(maxsize=_REMEMBERED)
def _seconds_east(zone: str | None) -> int | None:
    """The offset that a zone as +HHMM says, none where it is not written; None where it is no usual one."""
    if zone is None:
        return 0
    hours, minutes = int(zone[1:3]), int(zone[3:])
    return (hours * 60 + minutes) * (60 if zone[0] == "+" else -60) if hours < 24 and minutes < 60 else None
