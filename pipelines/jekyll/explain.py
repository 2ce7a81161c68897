"""Why a file became what it became, step by step, as plain data. What a build holds is not known here."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.jekyll import dates, documents, files, front_matter, posts, reasons, ruby
from pipelines.jekyll.config import Site, SiteError
from pipelines.jekyll.documents import Rejection, Rules
from pipelines.jekyll.encodings import UNMARKED, UTF_8
from pipelines.jekyll.files import Entry
from pipelines.jekyll.front_matter import FrontMatter
from pipelines.jekyll.names import Filter
from pipelines.jekyll.scan import scan


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, what it came to in a sentence, and the evidence by name (texts, numbers, lists, nulls)."""

    name: str
    said: str
    facts: dict[str, object] = field(default_factory=dict)


def explain(site: Site, file: Path, now: datetime) -> list[Step]:
    """The steps from the file to its outcome. `file` is absolute, or relative to the working directory or the source.

    The last step is always `outcome`; steps that were never come to are left out.

    Raises:
        SiteError: the site's posts folders cannot be listed.
    """
    path = _path(site, file)
    if path is None:
        said = f"{file} lies outside the site at {site.source}"
        return [Step("found", said), Step("outcome", "Not part of this site.", {"outcome": None})]
    try:
        found = scan(site).entries.filter(pl.col("path") == path)
    except SiteError as error:
        return [Step("found", str(error)), Step("outcome", "The site cannot be read.", {"outcome": None})]
    if not len(found):
        return [Step("found", _why_not_found(site, path), {"path": path}), _outcome(None, None, None)]
    entry = Entry._make(found.select(Entry._fields).row(0))
    steps = [_found(entry)]
    rules = Rules.of(site, now)
    steps += _read(rules, entry)
    row = posts.read(site, found, now)["files"].row(0, named=True)
    steps.append(_outcome(row["outcome"], row["reason"], row["detail"]))
    return steps


def _path(site: Site, file: Path) -> str | None:
    """The file's path below the source; links on the way to its folder are resolved, the file itself is not."""
    for candidate in (Path.cwd() / file, site.source / file):
        where = Path(os.path.realpath(candidate.parent)) / candidate.name
        if where.is_relative_to(site.source) and (where.is_symlink() or where.exists()):
            return where.relative_to(site.source).as_posix()
    here = Path(os.path.normpath(Path.cwd() / file))
    where = here if here.is_relative_to(site.source) else Path(os.path.normpath(site.source / file))
    return where.relative_to(site.source).as_posix() if where.is_relative_to(site.source) else None


def _found(entry: Entry) -> Step:
    said = {
        "posts": f"In the posts folder {entry.folder}.",
        "drafts": f"In the drafts folder {entry.folder}: a draft, whatever its front matter says.",
        "archived": f"In {entry.folder}, which is read as though it were _posts.",
    }[entry.place]
    facts: dict[str, object] = {"path": entry.path, "folder": entry.folder, "place": entry.place, "kind": entry.kind}
    return Step("found", said, facts | {"month": entry.month, "size_bytes": entry.size_bytes})


def _why_not_found(site: Site, path: str) -> str:
    """Which rule keeps Jekyll's walk from the file."""
    if not (site.source / path).is_symlink() and not (site.source / path).exists():
        return f"There is no file {path} below {site.source}."
    if (site.source / path).is_dir():
        return f"{path} is a folder; name a file."
    names = Filter.of(site.include, site.exclude)
    folders = path.split("/")[:-1]
    if site.only and folders[:1] != [site.only]:
        return f"Only the folder {site.only} is read."
    for i, name in enumerate(folders):
        below = "/".join(folders[: i + 1])
        if name in ("_posts", "_drafts"):
            if not site.may_hold_posts("/".join(folders[:i])):
                return f"{below} lies outside collections_dir ({site.collections_dir_written})."
            break
        if below == site.destination:
            return f"{below} is the destination, which Jekyll writes and does not read."
        refused = names.refuses(name, below, folder=True)
        if refused:
            return f"Jekyll does not walk into {below}: {reasons.REASONS[refused]}."
    else:
        return (
            f"{path} lies in no posts folder (_posts, _drafts, or a configured one). "
            f"Name its folder as an extra posts folder to read it as though it were in _posts."
        )
    return f"{'/'.join(folders)} was not listed: it is a link out of the site, or the file has just come."


def _read(rules: Rules, entry: Entry) -> list[Step]:
    """The steps from the name to the url, as far as they go."""
    steps: list[Step] = []
    path = documents.as_though_in_posts(entry.path, entry.folder, entry.place)
    try:
        refused = files.refusal_of(rules, entry, path)
        if refused:
            return [Step("name", f"Jekyll reads no post from this name: {reasons.REASONS[refused[0]]}.")]
        document = documents.document_path(rules.site, path)
        name = documents.name_of(document)
        steps.append(_name(document, name))
        data, mtime_ns = files.fetch(rules.site, entry)
        text = documents.decode(data, rules.site.encoding)
        steps.append(_bytes(rules.site, data))
        steps.append(_fence(text))
        fm, body = documents.read(text)
        steps.append(_front_matter(text, fm))
        merged = documents.merged(rules, document, fm)
        usual = rules.defaults(document)
        said = "Defaults of the configuration are added." if usual else "No defaults of the configuration apply."
        steps.append(Step("defaults", said, {"defaults": _plain(usual), "merged": _plain(merged)}))
        seconds = mtime_ns // 1_000_000_000
        when = documents.when(rules, document, name, fm, merged, seconds if entry.place == "drafts" else None)
        steps.append(_date(rules, when))
        post = documents.describe(rules, document, entry.place, fm, body, seconds)
    except Rejection:
        return steps
    categories: dict[str, object] = {"categories": post.categories}
    steps.append(Step("categories", f"{len(post.categories)} from folders, defaults and front matter.", categories))
    steps.append(Step("tags", f"{len(post.tags)} from defaults and front matter.", {"tags": post.tags}))
    steps.append(Step("title", post.title, {"title": post.title, "slug": post.slug, "layout": post.layout}))
    template = merged.get("permalink") or rules.site.permalink
    steps.append(Step("url", post.url, {"template": ruby.to_s(template), "url": post.url, "rendered": post.rendered}))
    steps.append(Step("body", f"{len(body)} characters after the front matter.", {"characters_as_written": len(body)}))
    return steps


def _name(document: str, name: documents.Name) -> Step:
    date = f"dated {name.date}" if name.date else "without a date"
    facts: dict[str, object] = {"document": document, "date": name.date, "slug": name.slug, "extension": name.ext}
    return Step("name", f"The name is {date}; the slug would be {name.slug!r}.", facts)


def _bytes(site: Site, data: bytes) -> Step:
    marks = [what for sign, what in ((b"\r\n", "CRLF"), (b"\0", "NUL")) if sign in data]
    if data.startswith(b"\xef\xbb\xbf"):
        marks.insert(0, "byte order mark")
    encoding = UTF_8 if site.encoding == UNMARKED else site.encoding
    facts: dict[str, object] = {"size_bytes": len(data), "encoding": encoding, "holds": marks}
    return Step("bytes", f"{len(data):,} bytes, read as {encoding}.", facts)


def _fence(text: str) -> Step:
    found = front_matter.split(text)
    if found is not None:
        lines = text.count("\n", 0, found.end) + 1
        return Step(
            "fence", f"Front matter from line 1 to its closing fence in line {lines}.", {"closed_at_line": lines}
        )
    if text.startswith("---"):
        return Step("fence", "The first line looks like a fence, but is none, or is never closed: all of it is body.")
    return Step("fence", "There is no front matter: all of it is body.")


def _front_matter(text: str, fm: FrontMatter) -> Step:
    found = front_matter.split(text)
    raw = text[: found.end] if found else None
    said = {
        "clean": f"{len(fm.data)} keys, read as written.",
        "salvaged": f"The YAML is broken ({fm.error}); its {len(fm.data)} plain lines were read.",
        "absent": "None.",
    }[fm.state]
    return Step("front_matter", said, {"state": fm.state, "raw": raw, "parsed": _plain(fm.data), "error": fm.error})


def _date(rules: Rules, when: documents.When) -> Step:
    utc = (dates.EPOCH + (when.local - dates.EPOCH)).isoformat()
    facts: dict[str, object] = {
        "written": when.written,
        "source": when.source,
        "utc": utc,
        "local": when.local.isoformat(),
        "timezone": rules.site.timezone,
        "flags": list(when.flags),
    }
    flags = {
        "read_as_utc": "it has no zone and no quotes, so YAML takes it for UTC",
        "differs_from_name": "it is another day than the name says",
        "ambiguous_zone": "the zone's name means different things in different places",
        "rolled_over": "there is no such day or hour; it rolls over into the next",
    }
    surprises = "".join(f"; {flags[flag]}" for flag in when.flags)
    return Step("date", f"{when.local.isoformat()} by {when.source.replace('_', ' ')}{surprises}.", facts)


def _outcome(outcome: str | None, reason: str | None, detail: str | None) -> Step:
    why = reasons.REASONS.get(reason or "", "")
    said = f"{outcome or 'not a file of this archive'}{f': {why}' if why else ''}{f' ({detail})' if detail else ''}."
    return Step("outcome", said, {"outcome": outcome, "reason": reason, "detail": detail})


def _plain(data: dict[str, object]) -> dict[str, str]:
    """Values as Ruby shows them, so that texts, numbers and dates can be told apart."""
    return {ruby.to_s(ruby.plain_key(key)): ruby.inspect(value, 1) for key, value in data.items()}
