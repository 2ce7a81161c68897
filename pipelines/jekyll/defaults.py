"""Front matter defaults: which of the configuration's sets apply to a post, and what they say together.

Jekyll 4.3's `FrontmatterDefaults` and `Utils.deep_merge_hashes`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from functools import lru_cache

from pipelines.jekyll.config import Default, Site
from pipelines.jekyll.names import glob


def finder(site: Site) -> Callable[[str], dict[str, object]]:
    """A function from a document's path to its defaults (`FrontmatterDefaults#all` for the collection of posts).

    What it returns is shared between posts: do not change it.
    """
    sets = [(default, _applies(default, site)) for default in site.defaults if default.type in (None, "posts")]
    if all(default.path == "" for default, _ in sets):
        merged = _merged([default for default, _ in sets])
        return lambda _path: merged

    @lru_cache(maxsize=1024)
    def of_sets(indices: tuple[int, ...]) -> dict[str, object]:
        return _merged([sets[i][0] for i in indices])

    def find(path: str) -> dict[str, object]:
        return of_sets(tuple(i for i, (_, applies) in enumerate(sets) if applies(path)))

    return find


def _applies(default: Default, site: Site) -> Callable[[str], bool]:
    """`applies_path?`: a prefix, however it goes on; with a star the glob of some file or folder on the way to
    the post.
    """
    scope = default.path
    if not scope:
        return lambda _path: True
    inside = f"{site.collections_dir}/" if site.collections_dir else ""
    if "*" not in scope:
        prefix = scope.removeprefix(inside) if inside else scope
        return lambda path: path.startswith(prefix)
    if scope.startswith("/"):  # from the file system's root
        return lambda _path: False
    pattern = glob(posixpath.normpath(scope), path_name=True)

    def matches(path: str) -> bool:
        full = inside + path
        # The glob names files that exist; a document starts with the name of one if it, or a folder on the way, is one.
        ends = [i for i, c in enumerate(full) if c == "/" and i >= len(inside)]
        return any(pattern.fullmatch(full, 0, end) for end in (ends if scope.endswith("/") else [*ends, len(full)]))

    return matches


def _merged(sets: list[Default]) -> dict[str, object]:
    """The sets that apply, in the configuration's order, as `FrontmatterDefaults#all` puts them together."""
    values: dict[str, object] = {}
    old: Default | None = None
    for default in sets:
        if old is None or _has_precedence(old, default):
            values = deep_merge(values, default.values)
            old = default
        else:
            values = deep_merge(default.values, values)
    return values


def _has_precedence(old: Default, new: Default) -> bool:
    new_path, old_path = new.path.removeprefix("/"), old.path.removeprefix("/")
    if len(new_path) != len(old_path):
        return len(new_path) >= len(old_path)
    return new.type is not None or old.type is None


def deep_merge(target: dict[str, object], overwrite: dict[str, object]) -> dict[str, object]:
    """`Utils.deep_merge_hashes`: null does not overwrite, maps are merged, all else is replaced."""
    out = dict(target)
    for key, value in overwrite.items():
        if key in out:
            before = out[key]
            if value is None:
                continue
            if isinstance(before, dict) and isinstance(value, dict) and before is not value:
                out[key] = deep_merge(before, value)
                continue
        out[key] = value
    return out
