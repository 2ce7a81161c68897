"""What a written url is: its kind, its canonical form, host and registered domain.

Canonical is what the WHATWG rules make of it (https://url.spec.whatwg.org, by ada), joined to the page it stands on,
without fragment and tracking parameters, the other parameters sorted by name. What the link is for: `sources`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import ada_url

from pipelines.columns.memoise import LONGEST, remembered
from pipelines.liquid import values
from pipelines.normalise.rules import Rules

if TYPE_CHECKING:
    import tldextract


@dataclass(frozen=True)
class SiteFacts:
    """What of a site's configuration normalising needs.

    `url` as configured ("" where it is not), `baseurl` ("" or "/blog").
    """

    url: str
    baseurl: str


class Address(NamedTuple):
    """What became of a url; the columns of `post_links` of these names."""

    kind: str
    canonical_url: str | None = None
    scheme: str | None = None
    host: str | None = None
    domain: str | None = None


_NO_SITE: Final = "https://site.invalid"
"""Stands in where the site's configuration names no url; nothing of it is shown."""

_ORDINARY: Final = re.compile(
    r"(https?)://([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*)"
    r"(/[A-Za-z0-9_~!$&()*+,;=:@/.%-]*)?(\?[A-Za-z0-9_~!$&()*+,;=:@/.%?-]*)?(?:#.*)?",
    re.DOTALL,
)
"""A url that the WHATWG rules leave as it is, but for its fragment: nine of ten. The host is looked at separately,
and dot segments are left to the library."""

_DOTS: Final = re.compile(r"/(?:\.|%2e)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_CANONICAL: Final = re.compile(r"([a-z][a-z0-9+.-]*):(?://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*))?")
_DROPPED: Final = re.compile(r"[\t\n\r]")
_STRIPPED: Final = "".join(map(chr, range(0x21)))
_CACHED: Final = 50_000


class Resolver:
    """Resolves the urls of one site by one set of rules, and remembers what it resolved (bounded)."""

    def __init__(self, site: SiteFacts, rules: Rules) -> None:
        self._exact, self._prefixes = _tracking(rules.urls.tracking)
        self.url = _site_url(site.url)
        self.baseurl = _baseurl(site)
        self.host = None if self.url is None else _host(self.url)
        alike = {
            self.host,
            *(rule.host for rule in rules.hosts if rule.alias_of == self.host and not rule.path),
        }
        self._own = {name for host in alike if host for name in (host, f"www.{host}", host.removeprefix("www."))}
        self._root = self.url or _NO_SITE
        self._scheme = self._root.partition("/")[0]
        self._origin = "/".join(self._root.split("/", 3)[:3]) if self.url else ""
        self._absolute: dict[str, Address] = {}
        self._hosts: dict[str, tuple[bool, str, str]] = {}

    def page(self, url_path: str) -> str:
        """The address of the post with this url path: the base of its relative links."""
        return self._root + self.baseurl + url_path

    def resolve(self, value: str, page: str, has_liquid: bool = False) -> Address:
        """What the url `value`, written on the page of address `page`, is. Never raises."""
        known = self._absolute.get(value)
        if known is not None:
            return known
        # A url of the host's root, or without a scheme, is as good as absolute.
        rooted = (
            self._scheme + value if value.startswith("//") else self._origin + value if value.startswith("/") else value
        )
        ordinary = _ORDINARY.fullmatch(rooted)
        if ordinary is not None and (address := self._as_it_is(ordinary)) is not None:
            self._remember(value, address)
            return address
        if has_liquid and "{" in value:
            if values.target(value) is not None:
                return Address("internal")
            written = values.resolved(value, self.url or "", self.baseurl)
            if written is None:
                return Address("liquid")
            value = written
        address = self._resolve(value, page)
        if address.kind in ("mail", "other") and not has_liquid:  # the page does not matter to these
            self._remember(value, address)
        return address

    def _as_it_is(self, ordinary: re.Match[str]) -> Address | None:
        scheme, host, path, query = ordinary.groups()
        if len(host) > LONGEST:
            return None
        known = self._hosts.get(host)
        if known is None:
            if len(self._hosts) >= _CACHED:
                self._hosts.clear()
            known = self._hosts[host] = (_host(f"http://{host}") == host, self._kind(host), domain(host))
        is_canonical, kind, registered = known
        if not is_canonical or (path and "/." in path) or (path and "%" in path and _DOTS.search(path)):
            return None
        canonical = f"{scheme}://{host}{path or '/'}{self._query(query) if query else ''}"
        return Address(kind, canonical, scheme, host, registered)

    def _remember(self, value: str, address: Address) -> None:
        if len(value) > LONGEST:
            return
        if len(self._absolute) >= _CACHED:
            self._absolute.clear()
        self._absolute[value] = address

    def _kind(self, host: str | None) -> str:
        return "internal" if host in self._own else "external"

    def _resolve(self, value: str, page: str) -> Address:
        value = _DROPPED.sub("", value.strip(_STRIPPED))
        if not value:
            return Address("empty")
        scheme = _SCHEME.match(value)
        if scheme is not None:
            name = scheme[1].lower()
            if name in ("javascript", "data"):
                return Address("script" if name == "javascript" else "data", scheme=name)
            if name not in ("http", "https"):
                return self._other(value, name)
        elif value.startswith("#"):
            return Address("fragment")
        try:
            joined = ada_url.join_url(page, value)
        except (ValueError, UnicodeEncodeError):
            return Address("broken")
        bare = joined.partition("#")[0]
        path, mark, query = bare.partition("?")
        canonical = path + (self._query("?" + query) if mark else "")
        found = _CANONICAL.match(canonical)
        host = found[2] if found else None
        if not found or not host:
            return Address("broken")
        if self.url is None and canonical.startswith(_NO_SITE):
            return Address("internal", canonical.removeprefix(_NO_SITE))
        return Address(self._kind(host), canonical, found[1], host, domain(host))

    def _other(self, value: str, scheme: str) -> Address:
        kind = "mail" if scheme == "mailto" else "other"
        try:
            parsed = ada_url.URL(value)
            parsed.hash = ""
            canonical = parsed.href
        except (ValueError, UnicodeEncodeError):
            return Address("broken")
        found = _CANONICAL.match(canonical)
        host = (found[2] or None) if found else None
        return Address(kind, canonical, scheme, host, domain(host) if host else None)

    def _query(self, query: str) -> str:
        kept = [piece for piece in query[1:].split("&") if piece and not self._tracks(piece)]
        if len(kept) > 1:
            kept.sort(key=_parameter)
        return "?" + "&".join(kept) if kept else ""

    def _tracks(self, piece: str) -> bool:
        name = _parameter(piece).lower()
        return name in self._exact or name.startswith(self._prefixes)


def _parameter(piece: str) -> str:
    return piece.partition("=")[0]


def _tracking(names: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    lower = [name.lower() for name in names]
    return (
        frozenset(name for name in lower if not name.endswith("*")),
        tuple(name[:-1] for name in lower if name.endswith("*")),
    )


def root(site: SiteFacts) -> str:
    """The path below which the site's pages lie, as in their canonical urls: that of its url, and its baseurl; "" where
    it is the host's root."""
    try:
        return str(ada_url.URL((_site_url(site.url) or _NO_SITE) + _baseurl(site)).pathname).rstrip("/")
    except (ValueError, UnicodeEncodeError):
        return ""


def _baseurl(site: SiteFacts) -> str:
    return "/" + site.baseurl.strip("/") if site.baseurl.strip("/") else ""


def _site_url(configured: str) -> str | None:
    """The site's url without a path's end; None where there is none, or none that pages can be joined to."""
    written = configured.strip()
    if written and "://" not in written:
        written = "https://" + written.lstrip("/")
    try:
        parsed = ada_url.URL(written)
    except (ValueError, UnicodeEncodeError):
        return None
    if parsed.protocol not in ("http:", "https:"):
        return None
    return f"{parsed.protocol}//{parsed.host}{parsed.pathname.rstrip('/')}"


@remembered(1 << 16)
def _host(url: str) -> str | None:
    """The host of an absolute url as the WHATWG rules write it; None where it is none."""
    try:
        return ada_url.URL(url).hostname or None
    except (ValueError, UnicodeEncodeError):
        return None


@remembered(1 << 16)
def domain(host: str) -> str:
    """The registered domain of a host, by tldextract's own Public Suffix List; the host itself where it has none."""
    return _suffixes()(host).top_domain_under_public_suffix or host


@functools.cache
def _suffixes() -> tldextract.TLDExtract:
    import tldextract  # noqa: PLC0415  a code location asks for no domain, and this brings a client of HTTP

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True)
