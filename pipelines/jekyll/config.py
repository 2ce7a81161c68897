"""A site: its configuration as Jekyll understands it, and nothing read from its posts.

`Configuration` and `Site` of Jekyll are followed (defaults, merging, styles of permalinks). Unknown keys, plugins and
themes do not matter.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from pipelines.jekyll import dates, encodings, loader, ruby
from pipelines.jekyll.permalinks import STYLES, unknown_placeholder
from pipelines.untrusted import UnfitError, table, text_of
from warehouse.errors import UserError

DEFAULT_EXCLUDES: Final = (
    ".sass-cache", ".jekyll-cache", "gemfiles", "Gemfile", "Gemfile.lock", "node_modules",
    "vendor/bundle/", "vendor/cache/", "vendor/gems/", "vendor/ruby/",
)  # fmt: skip
"""`Configuration::DEFAULT_EXCLUDES`, added to whatever the site excludes."""

MARKDOWN_EXT: Final = "markdown,mkdown,mkdn,mkd,md"

LONGEST_MESSAGE: Final = 600
"""Characters of an error's message; a value in it may be a megabyte."""

_POSIX_ZONE: Final = re.compile(r"[A-Za-z]{3,}([+-]?)([0-9]{1,2})")
"""A zone as the C library reads it where it is no name: `UTC+8` lies eight hours west."""

CONFIGURATIONS: Final = ("_config.yml", "_config.yaml", "_config.toml")
_PLURAL_TYPES: Final = {"page": "pages", "post": "posts", "draft": "drafts"}


class SiteError(UserError):
    """The site cannot be read. The message is one line that names the thing and the way out."""


@dataclass(frozen=True)
class Default:
    """One set of front matter defaults: its scope and its values."""

    path: str
    type: str | None
    values: dict[str, object]


@dataclass(frozen=True)
class Site:
    """Where a site is and what its configuration says. Picklable.

    `root` and `source` are real paths; `destination` and `collections_dir` are POSIX paths below `source`
    (empty for none,
    and for a destination that lies elsewhere). `only` is set where a posts folder itself was given: nothing
    else is read.
    """

    root: Path
    source: Path
    name: str
    title: str = ""
    timezone: str = "UTC"
    url: str = ""
    baseurl: str = ""
    lang: str = ""
    encoding: str = encodings.UNMARKED
    markdown: str = "kramdown"
    markdown_ext: str = MARKDOWN_EXT
    """As written: `markup.extensions` reads it."""
    posts_folders: tuple[str, ...] = ()
    collections_dir: str = ""
    collections_dir_written: str = ""
    destination: str = "_site"
    include: tuple[str, ...] = (".htaccess",)
    exclude: tuple[str, ...] = DEFAULT_EXCLUDES
    future: bool = False
    show_drafts: bool = False
    unpublished: bool = False
    permalink: str = STYLES["date"]
    excerpt_separator: str = "\n\n"
    kramdown: dict[str, object] = field(default_factory=dict)
    defaults: tuple[Default, ...] = ()
    only: str | None = None
    config_file: str | None = None
    fingerprint: str = field(default="", compare=False)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def may_hold_posts(self, folder: str) -> bool:
        """`Reader#outside_configured_directory?`: whether posts folders in this one are read, by `collections_dir` as
        it is written, slashes and dots included.
        """
        return not self.collections_dir_written or f"/{folder}".startswith(f"/{self.collections_dir_written}")


def read_site(path: Path, posts_folders: Sequence[str] = ()) -> Site:
    """The site at `path`: a Jekyll site's root, or a `_posts` folder (then its parent is the root, and nothing
    else is read).

    `posts_folders` are extra folders below the source whose files are read as though they lay in `_posts`.

    Raises:
        SiteError: there is no such folder, or its configuration cannot be read or says what cannot be done.
    """
    try:
        root = Path(os.path.realpath(path, strict=True))
    except OSError as error:
        raise SiteError(
            f"there is no site at {path} ({error.strerror}): name a Jekyll site's folder or its _posts folder"
        ) from None
    if not root.is_dir():
        raise SiteError(f"{path} is not a folder: name a Jekyll site's folder or its _posts folder")
    only = None
    if root.name == "_posts":
        root, only = root.parent, "_posts"
    name, config = _read_config(root)
    try:
        site = _site(root, config, tuple(posts_folders), only, name)
    except SiteError as error:
        raise SiteError(f"{root / name if name else root}: {_shortened(str(error))}") from None
    return site


def _shortened(message: str) -> str:
    """The message without the middle of a value of thousands of characters."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE // 2]} … {message[-200:]}"


def _read_config(root: Path) -> tuple[str | None, dict[str, Any]]:
    """Name and content of the configuration file; none is fine (`Configuration#read_config_file`)."""
    for name in CONFIGURATIONS:
        file = root / name
        if not file.exists():
            continue
        try:
            if not file.resolve().is_relative_to(root):
                raise SiteError(f"{file} is a link that leaves the site: put the configuration itself there")
            text = text_of(file, "utf-8-sig")
            config = table(text) if name.endswith(".toml") else loader.load(text)
        except (OSError, UnfitError) as error:
            raise SiteError(f"{file} cannot be read: {error}") from None
        except ValueError as error:
            raise SiteError(f"{file} cannot be read: {error}. Jekyll needs it too: mend that line") from None
        if config is None or config is False:
            config = {}
        if not isinstance(config, dict):
            raise SiteError(f"{file} holds no key: value pairs but {ruby.to_s(config)[:40]!r}: mend it or remove it")
        return name, {ruby.to_s(ruby.plain_key(key)): value for key, value in config.items()}
    return None, {}


def _site(
    root: Path, config: dict[str, Any], posts_folders: tuple[str, ...], only: str | None, name: str | None
) -> Site:
    source = root
    if config.get("source") and not only:
        source = Path(os.path.realpath(root / ruby.to_s(config["source"])))
        if not source.is_relative_to(root):
            raise SiteError(f"source: {config['source']} lies outside the site: name a folder within it")
        if not source.is_dir():
            raise SiteError(f"source: {config['source']} is not a folder of the site")
    destination = Path(os.path.normpath(root / ruby.to_s(config.get("destination") or "_site")))
    if source == destination or source.is_relative_to(destination):
        raise SiteError("destination cannot be or contain the source: name another folder")
    site = Site(
        root=root,
        source=source,
        name=root.name or "site",
        title=_text(config["title"]).strip() if isinstance(config.get("title"), str) else "",
        timezone=_timezone(config.get("timezone")),
        url=_text(config.get("url")),
        baseurl=_text(config.get("baseurl")),
        lang=_text(config.get("lang") or config.get("locale")).replace("_", "-"),
        encoding=_encoding(config.get("encoding")),
        markdown=_text(_or(config.get("markdown"), "kramdown")),
        markdown_ext=_text(_or(config.get("markdown_ext"), MARKDOWN_EXT)),
        posts_folders=_posts_folders(source, posts_folders),
        collections_dir=_inside(_text(config.get("collections_dir"))),
        collections_dir_written=_text(config.get("collections_dir")),
        destination=destination.relative_to(source).as_posix() if destination.is_relative_to(source) else "",
        include=_list(config, "include", (".htaccess",)),
        exclude=tuple(dict.fromkeys((*_list(config, "exclude", ()), *DEFAULT_EXCLUDES))),
        future=_truth(config.get("future")),
        show_drafts=_truth(config.get("show_drafts")),
        unpublished=_truth(config.get("unpublished")),
        permalink=_permalink(config),
        excerpt_separator=_text(_or(config.get("excerpt_separator"), "\n\n")),
        kramdown=_kramdown(config.get("kramdown")),
        defaults=_defaults(config.get("defaults")),
        only=only,
        config_file=name,
    )
    for default in site.defaults:
        try:
            if default.values.get("date") is not None:
                dates.read(default.values["date"], site.zone, now=0)
        except dates.DateError as error:
            raise SiteError(
                f"defaults: the date {ruby.to_s(default.values['date'])} is none ({error}): mend it"
            ) from None
    object.__setattr__(site, "fingerprint", _fingerprint(site))
    return site


def _fingerprint(site: Site) -> str:
    """A hash of everything here that what is said of posts depends on; where the site lies is not part of it."""
    leave_out = {"root", "source", "name", "title", "fingerprint", "config_file", "defaults", "kramdown"}
    known: dict[str, object] = {f.name: getattr(site, f.name) for f in fields(site) if f.name not in leave_out}
    known["source"] = site.source.relative_to(site.root).as_posix()
    known["kramdown"] = ruby.inspect(site.kramdown, 1)
    known["defaults"] = [[d.path, d.type, ruby.inspect(d.values, 1)] for d in site.defaults]
    return hashlib.sha256(json.dumps(known, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _or(value: object, default: str) -> object:
    """`Utils.deep_merge_hashes` of the defaults with what is written: null does not overwrite."""
    return default if value is None else value


def _text(value: object) -> str:
    return ruby.to_s(value)


def _truth(value: object) -> bool:
    """Ruby's truth: all but nil and false."""
    return value is not None and value is not False


def _timezone(value: object) -> str:
    written = ("" if value is False else _text(value)).removeprefix(":") or "UTC"
    name = written
    if offset := _POSIX_ZONE.fullmatch(written):
        name = f"Etc/GMT{offset[1] or '+'}{int(offset[2])}"  # both count what is west as positive
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise SiteError(
            f"timezone: {written} is unknown: name one of the IANA database, such as Asia/Shanghai"
        ) from None
    return name


def _encoding(value: object) -> str:
    name = "" if value is False else _text(value)
    codec = encodings.codec(name)
    if codec is None:
        raise SiteError(f"encoding: {name} cannot hold front matter here: name one such as utf-8 or gbk")
    return codec


def _inside(path: str) -> str:
    """A folder below the source as Jekyll's `sanitized_path` takes it: `..` cannot leave."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _posts_folders(source: Path, folders: tuple[str, ...]) -> tuple[str, ...]:
    out = []
    for folder in folders:
        relative = folder.strip().strip("/")
        if not relative or relative != _inside(relative):
            raise SiteError(
                f"posts folder {folder!r} is no path below {source}: name it as seen from there, such as old_post"
            )
        out.append(relative)
    return tuple(sorted(set(out)))


def _list(config: dict[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """`Configuration#check_include_exclude`; null keeps the default, other than texts never match."""
    value = config.get(key)
    if value is None and key not in config:
        return default
    if not isinstance(value, list):
        raise SiteError(f"{key} should be a list, but is {ruby.inspect(value, 1)}: write {key}: [...]")
    return tuple(item for item in value if isinstance(item, str))


def _permalink(config: dict[str, Any]) -> str:
    """The posts' template: `collections.posts.permalink` as it stands, else the site's permalink or style."""
    collections = config.get("collections")
    if collections is not None and not isinstance(collections, (dict, list)):
        raise SiteError("collections should be a list or a map: write collections: {name: {output: true}}")
    posts = collections.get("posts") if isinstance(collections, dict) else None
    template = posts.get("permalink") if isinstance(posts, dict) else None
    if template is None or template is False:
        value = config.get("permalink")
        if value is None:
            value = "date"
        if not isinstance(value, str):
            raise SiteError(f"permalink should be a text, but is {ruby.inspect(value, 1)}: quote it")
        template = STYLES.get(value, value)
    template = _text(template)
    unknown = unknown_placeholder(template)
    if unknown and not _is_never_used(config.get("defaults")):
        raise SiteError(
            f"permalink {template} has a placeholder :{unknown} that Jekyll does not know: see its list of placeholders"
        )
    return template


def _is_never_used(defaults: object) -> bool:
    """Whether all posts have a permalink by defaults, so that Jekyll never meets the site's."""
    return any(
        default.path == "" and default.type in (None, "", "posts") and isinstance(default.values.get("permalink"), str)
        for default in _defaults(defaults)
    )


def _kramdown(value: object) -> dict[str, object]:
    """What is set of the Markdown converter, as it is written; `KramdownParser#initialize`."""
    return {ruby.to_s(ruby.plain_key(key)): option for key, option in value.items()} if isinstance(value, dict) else {}


def _defaults(value: object) -> tuple[Default, ...]:
    """`FrontmatterDefaults#valid_sets`: what is no scope with values is passed over."""
    if not isinstance(value, list):
        return ()
    out = []
    for entry in value:
        if not isinstance(entry, dict) or not isinstance(entry.get("values"), dict):
            continue
        scope = entry.get("scope")
        scope = scope if isinstance(scope, dict) else {}
        path = scope.get("path")
        kind = _text(scope["type"]) if "type" in scope else None
        out.append(Default(path if isinstance(path, str) else "", _PLURAL_TYPES.get(kind or "", kind), entry["values"]))
    return tuple(out)
