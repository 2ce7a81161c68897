"""What posts say of themselves, in columns: front matter as lines, lines as columns, columns as `posts` has them.

Posts whose front matter is plain `key: value` lines are answered here, many at once; `documents` answers all others,
one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from pipelines import limits
from pipelines.allowance import TooCostlyError, why
from pipelines.columns.fallback import Answer, FastPath, Tables, attempt, by_distinct, one_row
from pipelines.jekyll import dates, documents, front_matter, permalinks, ruby, terms
from pipelines.jekyll.documents import Name, Rejection, Rules
from pipelines.jekyll.flat_lines import pair
from pipelines.jekyll.front_matter import FrontMatter
from pipelines.jekyll.reasons import NOT_PROCESSED
from pipelines.jekyll.scalars import WORDS
from warehouse import contracts


class Document(NamedTuple):
    """A post's file, as far as it is needed here."""

    path: str
    """See `documents.document_path`."""
    place: str
    text: str
    modified: int
    """The file's time in epoch seconds."""
    size: int
    """Bytes."""


class Batch(NamedTuple):
    """Documents to be read by the same rules."""

    rules: Rules
    documents: Sequence[Document]


_SAID: Final = (
    *("slug", "title", "published_at", "published_on", "date_written", "date_source", "date_flags", "url", "layout"),
    *("state", "rendered", "front_matter_state", "categories", "tags", "front_matter"),
)
_TABLES: Final = {
    "posts": {
        **{name: contracts.polars_schema("posts")[name] for name in _SAID},
        "body": pl.String(),
        "cut": pl.Int64(),
        "error": pl.String(),
    },
    "rejected": {"reason": pl.String(), "detail": pl.String()},
}
_TERM_LINES: Final = {key: f"{key} line" for key in ("categories", "category", "tags", "tag")}
_KEYS: Final = (*_TERM_LINES, "date", "title", "published", "permalink", "excerpt", "excerpt_separator", "layout")
"""Keys that say more than what they hold."""
_DECISIVE: Final = frozenset(_KEYS) - {"layout"} | {"slug"}
"""Keys of which defaults are left to `documents`."""
_MOMENT: Final = {name: _TABLES["posts"][name] for name in _SAID if name.startswith(("published_", "date_"))}

_NAME: Final = r"^((?:1[6-9]|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2})-([^/.\n]+)(\.[A-Za-z]+)$"
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

_BY_DAY: Final = frozenset(
    (
        *("collection", "output_ext", "title", "categories", "year", "short_year", "w_year", "month", "i_month"),
        *("short_month", "long_month", "week", "day", "i_day", "w_day", "short_day", "long_day", "y_day"),
    )
)
"""Placeholders of permalinks that depend on day and extension alone, title and categories apart."""
_SLUG, _FOLDER = "0in0place0of0a0slug0", "0in0place0of0categories0"
_DAY: Final = 86_400
_BLANKS: Final = frozenset(ruby.BLANKS)


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
    return None if void and key in ("excerpt", "excerpt_separator", "permalink") else line


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
    second, zone, day = pl.col("second"), pl.col("zone"), pl.col("published_on")
    stamps = dated.filter(pl.col("date").str.contains(_STAMP)).with_columns(date_written=_stamp(pl.col("date")))
    stamps = stamps.with_columns(
        second=pl.col("date_written").str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False),
        named=pl.col("name_date").str.to_date("%Y-%m-%d", strict=False),
        zone=pl.col("date_written").str.slice(20),
    )
    hours, minutes = (zone.str.slice(at, 2).str.to_integer(strict=False).fill_null(0) for at in (1, 3))
    east = (hours * 60 + minutes) * pl.when(zone.str.starts_with("-")).then(-60).otherwise(60)
    stamps = stamps.with_columns(second=second.dt.epoch("s") - east).filter(
        second > dates.LAST_MEAN_TIME, second != rules.now
    )
    stamps = by_distinct(
        stamps.with_columns(utc_day=second // _DAY), ["utc_day"], {"offset": pl.Int64()}, partial(_offset, rules.zone)
    )
    stamps = stamps.with_columns(published_on=((second + pl.col("offset")) // _DAY).cast(pl.Int32).cast(pl.Date))
    flags = [
        pl.when(zone == "").then(pl.lit("read_as_utc")),
        pl.when(pl.col("named") != day).then(pl.lit("differs_from_name")),
    ]
    return {
        "moments": stamps.drop_nulls("published_on").select(
            "row",
            (second * 1_000_000).cast(_MOMENT["published_at"]).alias("published_at"),
            "published_on",
            "date_written",
            date_source=pl.lit("front_matter"),
            date_flags=pl.concat_str(flags, separator=" ", ignore_nulls=True).str.extract_all("[a-z_]+"),
        )
    }


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


def _fast_slugs(_: None, slugs: pl.DataFrame) -> Tables:
    return {"slugs": slugs.filter(pl.col("slug").str.contains(_SAFE_SLUG)).select("row", url_slug="slug")}


def _url_slug(_: None, slug: str) -> tuple[str | None]:
    return (permalinks.escape(permalinks.slugify(slug, pretty=True)) or None,)


SLUGS: Final = FastPath[None](
    "slugs in urls", ("slug",), {"slugs": {"url_slug": pl.String()}}, _fast_slugs, one_row("slugs", _url_slug)
)


def _fast_urls(rules: Rules, posts: pl.DataFrame) -> Tables:
    by_day = permalinks.placeholders(rules.site.permalink) <= _BY_DAY
    simple = posts.filter(pl.lit(by_day), pl.col("permalink").is_null()).drop_nulls(["url_folder", "url_slug"])
    simple = by_distinct(
        simple.with_columns(in_folder=pl.col("url_folder") != ""),
        ["in_folder", "published_on", "ext"],
        {"template": pl.String()},
        partial(_template, rules),
    )
    url = pl.col("template").str.replace_all(_FOLDER, pl.col("url_folder"), literal=True)
    url = url.str.replace_all(_SLUG, pl.col("url_slug"), literal=True)
    short = url.str.len_chars() <= limits.URL_CHARACTERS
    return {"urls": simple.filter(short).select("row", url=url)}


def _template(rules: Rules, in_folder: bool, day: date, ext: str) -> tuple[str]:
    local = datetime.combine(day, time())
    return (documents.url_of(rules, f"_{ext}", _SLUG, [_FOLDER] if in_folder else [], local, None),)


def _url(
    rules: Rules, path: str, slug: str, categories: list[str], moment: datetime, permalink: str | None
) -> tuple[str]:
    return (documents.url_of(rules, path, slug, categories, moment.astimezone(rules.zone), _value(permalink)),)


URLS: Final = FastPath[Rules](
    "urls",
    ("path", "slug", "categories", "published_at", "permalink"),
    {"urls": {"url": pl.String()}},
    _fast_urls,
    one_row("urls", _url),
)


# Posts.


def _fast_posts(batch: Batch, posts: pl.DataFrame) -> Tables:
    rules = batch.rules
    usual = [rules.defaults(path) for path in posts["path"]]
    layouts = [values.get("layout") for values in usual]
    posts = posts.with_columns(
        pl.col("name").str.extract_groups(_NAME).struct.rename_fields(["name_date", "slug", "ext"]).struct.unnest(),
        pl.Series("usual_layout", [None if one is None else ruby.to_s(one) for one in layouts], pl.String),
        pl.Series("decided", [not _DECISIVE.isdisjoint(values) for values in usual], pl.Boolean),
        folder=pl.col("path").str.strip_suffix(pl.col("name")),
    ).filter(
        pl.col("head").is_not_null(),
        pl.col("slug").is_not_null(),
        ~pl.col("decided"),
        ~pl.col("folder").str.contains(pl.col("name"), literal=True),
    )
    posts = _with_front_matter(posts)
    posts = SLUGS.add(None, MOMENTS.add(rules, posts))
    bare = replace(rules, defaults=lambda _: {})
    posts = by_distinct(
        posts,
        ["folder", *_TERM_LINES.values()],
        {**{name: _TABLES["posts"][name] for name in ("categories", "tags")}, "url_folder": pl.String()},
        partial(_terms, bare),
    ).drop_nulls(["published_at", "categories"])
    posts = posts.join(URLS.read(rules, posts)["urls"], on="row", maintain_order="left")
    posts = by_distinct(
        posts.with_columns(
            untitled=pl.when(pl.col("title").is_null()).then("slug"),
            hidden=pl.col("published").is_not_null(),
            future=pl.col("published_at") > dates.EPOCH + timedelta(seconds=rules.now),
        ),
        ["hidden", "future"],
        {"state": pl.String(), "rendered": pl.Boolean()},
        partial(_state, rules),
    )
    posts = by_distinct(posts, ["untitled"], {"titleized": pl.String()}, _titleized)
    cut = pl.when(pl.col("excerpt").is_null()).then(pl.coalesce(_own_cuts(rules, posts), "cut"))
    return {
        "rejected": pl.DataFrame(schema={"row": posts.schema["row"], **_TABLES["rejected"]}),
        "posts": posts.with_columns(
            cut=cut,
            title=pl.coalesce("title", "titleized"),
            layout=pl.coalesce("layout", "usual_layout"),
            front_matter_state=pl.lit("clean"),
            error=pl.lit(None, pl.String),
        ).select("row", *_TABLES["posts"]),
    }


def _with_front_matter(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the posts whose lines are all plain, with their JSON and a column for each of `_KEYS`."""
    lines = LINES.add(None, posts.select("row", line=pl.col("head").str.split("\n")).explode("line"))
    key = pl.col("key")
    unsure = lines.filter(key.is_null() | (key == "slug") | pl.struct("row", "key").is_duplicated())
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


def _state(rules: Rules, hidden: bool, future: bool) -> tuple[str, bool]:
    return documents.state_of(rules, "posts", {"published": not hidden}, rules.now + future)


def _titleized(slug: str | None) -> tuple[str | None]:
    return (None if slug is None else documents.titleize(slug),)


def _own_cuts(rules: Rules, posts: pl.DataFrame) -> pl.Series:
    """Return where the excerpts end of posts that name a separator."""
    own = posts.select("excerpt_separator", pl.when(pl.col("excerpt_separator").is_not_null()).then("body")).iter_rows()
    cuts = [
        None if line is None else documents.cut(rules.site, {"excerpt_separator": _value(line)}, body)
        for line, body in own
    ]
    return pl.Series(cuts, dtype=pl.Int64)


def _slow_post(batch: Batch, row: int) -> Answer:
    rules, document = batch.rules, batch.documents[row]
    try:
        fm, body = documents.read(document.text)
        post = documents.describe(rules, document.path, document.place, fm, body, document.modified)
        when = post.when
        return {
            "posts": [
                (
                    *(post.slug, post.title, when.epoch * 1_000_000, documents.days(when.local), when.written),
                    *(when.source, when.flags, post.url, post.layout, post.state, post.rendered, fm.state),
                    *(post.categories, post.tags, front_matter.to_json(fm.data), body, post.cut, fm.error),
                )
            ]
        }
    except TooCostlyError:
        raise
    except Rejection as rejection:
        return {"rejected": [(rejection.reason, rejection.detail)]}
    except Exception as error:
        return {"rejected": [(NOT_PROCESSED, why(error, document.size))]}


POSTS: Final = FastPath[Batch]("posts", ("row",), _TABLES, _fast_posts, _slow_post)


_INPUTS: Final = {
    "row": pl.Int32(), "path": pl.String(), "name": pl.String(),
    "head": pl.String(), "body": pl.String(), "cut": pl.Int64(),
}


def read(batch: Batch) -> Tables:
    """Return the tables `posts` and `rejected`; `row` is the number of the document."""
    paths = [one.path for one in batch.documents]
    parts = [_parted(batch.rules, one) for one in batch.documents]
    columns = (range(len(paths)), paths, [path[path.rfind("/") + 1 :] for path in paths], *zip(*parts, strict=True))
    return POSTS.read(batch, pl.DataFrame(dict(zip(_INPUTS, columns or [()] * 6)), _INPUTS))


def _parted(rules: Rules, document: Document) -> tuple[str | None, str | None, int | None]:
    """Return the front matter, the body and where its excerpt ends; Nones if the fences are not surely simple."""
    text = document.text
    end = text.find("\n---\n", 3) if text.startswith("---\n") and document.place != "drafts" else 0
    start = end + (6 if text.startswith("\n", end + 5) else 5)
    if end <= 3 or text[start : start + 1] in _BLANKS:
        return None, None, None
    body = text[start:]
    return text[4:end], body, documents.cut(rules.site, {}, body)
