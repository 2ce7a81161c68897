"""Read the front matter of a batch of files in columns: heads to lines, lines to columns, columns to rows of `posts`.

Posts whose front matter is plain `key: value` lines are answered here, many at once; `documents` answers all others,
one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from pipelines import limits
from pipelines.allowance import TooCostlyError, why
from pipelines.columns.fallback import Answer, FastPath, Tables, attempt, by_distinct, framed, one_row
from pipelines.jekyll import dates, documents, front_matter, permalinks, ruby, terms
from pipelines.jekyll.documents import Name, Rejection, Rules
from pipelines.jekyll.encodings import UNMARKED, UTF_8
from pipelines.jekyll.flat_lines import pair
from pipelines.jekyll.front_matter import FrontMatter
from pipelines.jekyll.reasons import NOT_PROCESSED
from pipelines.jekyll.scalars import WORDS
from warehouse import contracts


class Document(NamedTuple):
    """The file of a post: its path (`documents.document_path`), bytes, and time in epoch seconds."""

    path: str
    place: str
    data: bytes
    modified: int


class Batch(NamedTuple):
    rules: Rules
    documents: Sequence[Document]


_SAID: Final = (
    *("slug", "title", "published_at", "published_on", "date_written", "date_source", "date_flags", "url", "layout"),
    *("state", "rendered", "front_matter_state", "categories", "tags", "front_matter"),
)
_POST: Final = {
    **{name: contracts.polars_schema("posts")[name] for name in _SAID},
    "body": pl.String(),
    "cut": pl.Int64(),
    "error": pl.String(),
}
_REJECTED: Final = {"reason": pl.String(), "detail": pl.String()}
_MOMENT: Final = {name: _POST[name] for name in _SAID if name.startswith(("published_", "date_"))}
_TERM_LINES: Final = {key: f"{key} line" for key in ("categories", "category", "tags", "tag")}
_KEYS: Final = (*_TERM_LINES, "date", "title", "published", "permalink", "excerpt", "layout")
"""Keys that say more than what they hold."""
_NOT_SIMPLE: Final = ("slug", "excerpt_separator")
_DECISIVE: Final = frozenset((*_KEYS, *_NOT_SIMPLE)) - {"layout", "permalink"}
"""Keys whose defaults are left to `documents`."""

_NAME: Final = r"^((?:1[6-9]|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2})-([^/\n.]+(?:\.[^/\n.]+)*)(\.[A-Za-z]+)$"
_YAML: Final = r" !#-\[\]-~\x{a0}-\x{2027}\x{202a}-\x{d7ff}\x{e000}-\x{fefe}\x{ff00}-\x{fffd}\x{10000}-\x{10ffff}"
"""Characters that YAML and JSON both take as they are, for a class."""
_TITLE: Final = rf'^title: +(?:"[{_YAML}]*"|\p{{L}}(?:[{_YAML}&&[^:#]]*[{_YAML}&&[^:# ]])?) *$'
"""Titles that can be read in one way: a text in double quotes, or one that begins with a letter."""
_STAMP: Final = (
    r"^date: +(?:19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2} (?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}"
    r"(?: [+-](?:[01][0-9]|2[0-3])[0-5][0-9])?$"
)
_SAFE_SLUG: Final = r"^[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*$"
"""Slugs that stand in a url as they are written."""
_SAFE_FOLDER: Final = re.compile(r"(?:[A-Za-z0-9_%-]+(?:/[A-Za-z0-9_%-]+)*)?")
"""Categories, escaped for a url, of which permalinks take nothing away."""

_NOT_BY_DAY: Final = frozenset({"path", "name", "slug", "hour", "minute", "second", "slugified_categories"})
"""Placeholders of permalinks that depend on more than day, extension, `:title` and `:categories`."""
_SLUG, _FOLDER = "0in0place0of0a0slug0", "0in0place0of0categories0"
_TEXTS: Final = pl.List(pl.String())
_DAY: Final = 86_400
_BLANK_RUN: Final = re.compile(rf"[{ruby.BLANKS}]*".encode())


# Lines.


def _fast_lines(_: None, lines: pl.DataFrame) -> Tables:
    line = pl.col("line")
    title = line.str.strip_prefix("title:").str.strip_chars(" ").str.strip_chars('"')
    titles = lines.filter(line.str.contains(_TITLE)).select("row", key=pl.lit("title"), said=title, text=title)
    stamps = lines.filter(line.str.contains(_STAMP)).select("row", key=pl.lit("date"), said=line, text=_stamp(line))
    said = pl.concat([titles.filter(~pl.col("text").is_in(list(WORDS))), stamps])
    return {"lines": said.select("row", "key", "said", json=pl.format('"{}": "{}"', "key", "text"))}


def _stamp(line: pl.Expr) -> pl.Expr:
    return line.str.strip_prefix("date:").str.strip_chars_start(" ")


def _line(_: None, line: str) -> tuple[str, str | None, str]:
    found = pair(line)
    if found is None:
        raise ValueError("not surely by itself")
    key, value = found
    return key, _said(key, value, line), front_matter.to_json({key: value})[1:-1]


def _said(key: str, value: object, line: str) -> str | None:
    """Return what a line says beyond its JSON: a text, or the line if its value is asked for later."""
    void = value is None or value is False
    if key == "layout":
        return None if value is None else ruby.to_s(value)
    if key == "title":
        return None if void else ruby.to_s(value)
    if key == "published":
        return line if void else None
    return None if (key == "excerpt" and void) or (key == "permalink" and value is None) else line


def _value(line: str | None) -> object:
    return None if line is None else (pair(line) or ("", None))[1]


LINES: Final = FastPath[None](
    "lines of front matter",
    ("line",),
    {"lines": {"key": pl.String(), "said": pl.String(), "json": pl.String()}},
    _fast_lines,
    one_row("lines", _line),
)


# Dates.


def _fast_moments(rules: Rules, dated: pl.DataFrame) -> Tables:
    written, second = pl.col("date_written"), pl.col("second")
    zone = written.str.slice(20)
    hours, minutes = (zone.str.slice(at, 2).str.to_integer(strict=False).fill_null(0) for at in (1, 3))
    east = (hours * 60 + minutes) * pl.when(zone.str.starts_with("-")).then(-60).otherwise(60)
    utc = written.str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).dt.epoch("s")
    stamps = dated.filter(pl.col("date").str.contains(_STAMP)).select(
        "row", "name_date", date_written=_stamp(pl.col("date"))
    )
    stamps = stamps.with_columns(second=utc - east).filter(second > dates.LAST_MEAN_TIME, second != rules.now)
    stamps = by_distinct(stamps, [second // _DAY], {"offset": pl.Int64()}, partial(_offset, rules.zone))
    day = ((second + pl.col("offset")) // _DAY).cast(pl.Int32).cast(pl.Date)
    differs = pl.col("name_date").str.to_date("%Y-%m-%d", strict=False) != day
    flags = [pl.when(zone == "").then(pl.lit("read_as_utc")), pl.when(differs).then(pl.lit("differs_from_name"))]
    moments = stamps.select(
        "row",
        published_at=(second * 1_000_000).cast(_MOMENT["published_at"]),
        published_on=day,
        date_written=written,
        date_source=pl.lit("front_matter"),
        date_flags=pl.concat_str(flags, separator=" ", ignore_nulls=True).str.extract_all("[a-z_]+"),
    )
    return {"moments": moments.drop_nulls("published_on")}


def _offset(zone: ZoneInfo, day: int) -> tuple[int | None]:
    """Return the offset of the site's clocks on a day of UTC; None if they change on it."""
    first, last = (dates.local(second, zone).utcoffset() for second in (day * _DAY, (day + 1) * _DAY))
    return (int(first.total_seconds()) if first is not None and first == last else None,)


def _moment(rules: Rules, name_date: str, date: str | None) -> tuple[object, ...]:
    own = {} if date is None else {"date": _value(date)}
    when = documents.when(rules, "", Name(name_date, "", ""), FrontMatter(own, "clean"), own, None)
    return when.epoch * 1_000_000, documents.days(when.local), when.written, when.source, when.flags


MOMENTS: Final = FastPath[Rules](
    "dates", ("name_date", "date"), {"moments": _MOMENT}, _fast_moments, one_row("moments", _moment)
)


# Urls.


def _fast_slugs(_: None, posts: pl.DataFrame) -> Tables:
    return {"slugs": posts.filter(pl.col("slug").str.contains(_SAFE_SLUG)).select("row", url_slug="slug")}


def _url_slug(_: None, slug: str) -> tuple[str | None]:
    """Return the slug as it stands in a url; None where that is not simple."""
    in_url = permalinks.escape(permalinks.slugify(slug, pretty=True))
    return (in_url if in_url and ".." not in in_url and in_url[0] != "." != in_url[-1] else None,)


SLUGS: Final = FastPath[None](
    "slugs in urls", ("slug",), {"slugs": {"url_slug": pl.String()}}, _fast_slugs, one_row("slugs", _url_slug)
)


def _fast_urls(rules: Rules, posts: pl.DataFrame) -> Tables:
    simple = posts.filter(pl.col("permalink").is_null()).drop_nulls(["url_folder", "url_slug"])
    day, in_folder = pl.col("published_on").cast(pl.Int32), pl.col("url_folder") != ""
    simple = by_distinct(
        simple, [in_folder, day, "ext", "usual_permalink"], {"template": pl.String()}, partial(_template, rules)
    )
    url = pl.col("template").str.replace_all(_FOLDER, pl.col("url_folder"), literal=True)
    url = url.str.replace_all(_SLUG, pl.col("url_slug"), literal=True)
    short = url.str.len_chars() <= limits.URL_CHARACTERS
    return {"urls": simple.filter(short).select("row", url=url)}


def _template(rules: Rules, in_folder: bool, day: int, ext: str, usual: str | None) -> tuple[str]:
    """Return the url of all posts of a day, but for slug and categories."""
    if not _NOT_BY_DAY.isdisjoint(permalinks.placeholders(usual or rules.site.permalink)):
        raise ValueError("more than the day decides")
    local = dates.EPOCH + timedelta(days=day)
    return (documents.url_of(rules, f"_{ext}", _SLUG, [_FOLDER] if in_folder else [], local, usual),)


def _url(
    rules: Rules, path: str, slug: str, categories: list[str], moment: datetime, own: str | None, usual: str | None
) -> tuple[str]:
    permalink = usual if own is None else _value(own)
    return (documents.url_of(rules, path, slug, categories, moment.astimezone(rules.zone), permalink),)


URLS: Final = FastPath[Rules](
    "urls",
    ("path", "slug", "categories", "published_at", "permalink", "usual_permalink"),
    {"urls": {"url": pl.String()}},
    _fast_urls,
    one_row("urls", _url),
)


# Posts.


def _fast_posts(batch: Batch, posts: pl.DataFrame) -> Tables:
    rules = batch.rules
    posts = posts.with_columns(
        pl.col("name").str.extract_groups(_NAME).struct.rename_fields(["name_date", "slug", "ext"]).struct.unnest(),
        folder=pl.col("path").str.strip_suffix(pl.col("name")),
    ).filter(
        *(pl.col(name).is_not_null() for name in ("head", "body", "slug")),
        pl.lit(rules.site.encoding in (UTF_8, UNMARKED)),
        ~pl.col("path").str.contains("\n", literal=True),
        ~pl.col("folder").str.contains(pl.col("name"), literal=True),
    )
    usual = [rules.defaults(path) for path in posts["path"]]
    known = {id(one): one for one in usual}
    decided = {"usual_layout": pl.String(), "usual_permalink": pl.String(), "decided": pl.Boolean()}
    posts = posts.with_columns(pl.Series("defaults", map(id, usual), pl.UInt64))
    posts = by_distinct(posts, ["defaults"], decided, lambda one: _usual(known[one]))
    posts = _with_front_matter(posts.filter(~pl.col("decided")))
    posts = MOMENTS.add(rules, posts)
    terms_said = {"categories": _TEXTS, "tags": _TEXTS, "url_folder": pl.String()}
    bare = replace(rules, defaults=lambda _: {})
    posts = by_distinct(posts, ["folder", *_TERM_LINES.values()], terms_said, partial(_terms, bare))
    posts = posts.drop_nulls(["published_at", "categories"])
    posts = posts.join(SLUGS.read(None, posts)["slugs"], on="row", how="left", maintain_order="left")
    posts = posts.join(URLS.read(rules, posts)["urls"], on="row", maintain_order="left")
    shown = pl.col("body").cast(pl.Binary).bin.slice(0, pl.col("cut")).cast(pl.String)
    untitled = pl.when(pl.col("title").is_null()).then("slug")
    posts = by_distinct(posts, [untitled], {"titleized": pl.String()}, lambda one: (one and documents.titleize(one),))
    hidden = pl.col("published").is_not_null()
    future = pl.col("published_at") > dates.EPOCH + timedelta(seconds=rules.now)
    posts = posts.with_columns(
        title=pl.coalesce("title", "titleized"),
        layout=pl.coalesce("layout", "usual_layout"),
        state=pl.when(hidden).then(pl.lit("hidden")).when(future).then(pl.lit("future")).otherwise(pl.lit("published")),
        rendered=(~hidden | rules.site.unpublished) & (~future | rules.site.future),
        cut=pl.when(pl.col("excerpt").is_null()).then(shown.str.len_chars().cast(pl.Int64)),
        front_matter_state=pl.lit("clean"),
        error=pl.lit(None, pl.String),
    )
    return {"posts": posts.select("row", *_POST), "rejected": framed({"row": posts.schema["row"], **_REJECTED}, [])}


def _usual(usual: Mapping[str, object]) -> tuple[str | None, str | None, bool]:
    """Return the layout and permalink of some defaults, and True if they decide more than these."""
    layout, written = usual.get("layout"), usual.get("permalink")
    permalink = written if isinstance(written, str) else None
    decided = permalink is not written or not _DECISIVE.isdisjoint(usual)
    return None if layout is None else ruby.to_s(layout), permalink, decided


def _with_front_matter(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the posts whose lines are all plain, with their JSON and a column for each of `_KEYS`."""
    lines = LINES.add(None, posts.select("row", line=pl.col("head").str.split("\n")).explode("line"))
    key = pl.col("key")
    unsure = lines.filter(key.is_null() | key.is_in(_NOT_SIMPLE) | pl.struct("row", "key").is_duplicated())
    json = lines.group_by("row", maintain_order=True).agg("json")
    json = json.select("row", front_matter=pl.format("{{{}}}", pl.col("json").list.join(", ")))
    said = lines.filter(key.is_in(_KEYS)).pivot(
        "key", on_columns=_KEYS, index="row", values="said", aggregate_function="first"
    )
    posts = posts.join(unsure, on="row", how="anti", maintain_order="left")
    for columns in (json, said.rename(_TERM_LINES)):
        posts = posts.join(columns, on="row", how="left", maintain_order="left")
    return posts


def _terms(rules: Rules, folder: str, *lines: str | None) -> tuple[list[str], list[str], str | None]:
    """Return categories, tags, and the categories as they stand in a url; None where that is not simple."""
    fm = dict(found for line in lines if line is not None and (found := pair(line)))
    data = documents.merged(rules, f"{folder}.", FrontMatter(fm, "clean"))
    categories = terms.categories(data)
    folders = attempt(lambda: permalinks.escape(permalinks.folders(categories)))
    return categories, terms.tags(data), folders if folders is not None and _SAFE_FOLDER.fullmatch(folders) else None


def _slow_post(batch: Batch, row: int) -> Answer:
    path, place, data, modified = batch.documents[row]
    try:
        fm, body = documents.read(documents.decode(data, batch.rules.site.encoding))
        post = documents.describe(batch.rules, path, place, fm, body, modified)
        when, json = post.when, front_matter.to_json(fm.data)
    except TooCostlyError:
        raise
    except Rejection as rejection:
        return {"rejected": [(rejection.reason, rejection.detail)]}
    except Exception as error:
        return {"rejected": [(NOT_PROCESSED, why(error, len(data)))]}
    said = (
        *(post.slug, post.title, when.epoch * 1_000_000, documents.days(when.local), when.written, when.source),
        *(when.flags, post.url, post.layout, post.state, post.rendered, fm.state, post.categories, post.tags, json),
    )
    return {"posts": [(*said, body, post.cut, fm.error)]}


POSTS: Final = FastPath[Batch]("posts", ("row",), {"posts": _POST, "rejected": _REJECTED}, _fast_posts, _slow_post)


def read(batch: Batch) -> Tables:
    """Return the tables `posts` and `rejected`; `row` is the number of the document."""
    separator = batch.rules.site.excerpt_separator.encode()
    schema = {"row": pl.Int32(), "path": pl.String(), "name": pl.String(), "data": pl.Binary()}
    places = dict.fromkeys(("end", "start", "cut"), pl.Int64())
    rows = [
        (number, one.path, one.path[one.path.rfind("/") + 1 :], one.data, *_places(one, separator))
        for number, one in enumerate(batch.documents)
    ]
    posts = framed({**schema, **places}, rows)
    data = pl.col("data").bin
    body = data.slice(pl.col("start"), pl.col("data").bin.size() - pl.col("start"))
    parts = posts.select(head=data.slice(4, pl.col("end") - 4), body=body)
    return POSTS.read(batch, posts.drop("data").with_columns(_decoded(part) for part in parts))


def _decoded(texts: pl.Series) -> pl.Series:
    """Return bytes as texts; null where they are no UTF-8."""
    try:
        return texts.cast(pl.String)
    except pl.exceptions.PolarsError:  # doesn't say which
        half = len(texts) // 2
        if not half:
            return pl.Series(texts.name, [None], pl.String)
        return pl.concat([_decoded(texts[:half]), _decoded(texts[half:])], rechunk=True)


def _places(document: Document, separator: bytes) -> tuple[int | None, int | None, int | None]:
    """Return where the front matter ends, where the body starts, and where in it the excerpt ends; Nones if unsure.

    They are those of `front_matter.split`, if no line of the front matter looks like a fence.
    """
    data = document.data
    end = data.find(b"\n---\n", 3) if data.startswith(b"---\n") and document.place != "drafts" else 0
    if end <= 3:
        return None, None, None
    blank = _BLANK_RUN.match(data, end + 4)
    stop = blank.end() if blank else end + 4
    start = data.rfind(b"\n", end, stop) + 1 if stop < len(data) else stop
    cut = data.find(separator, start)
    return end, start, (len(data) if cut < 0 else cut) - start
