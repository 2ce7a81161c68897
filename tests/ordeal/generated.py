"""Hostile files that grow: each kind of file costs at the documented size limit no more than a file may.

Recipes are made from tables of tokens, with a seed. Each is written with 60 kB and with 200 kB; where what both cost
lets expect more than is promised at the limit, it is written at the limit too, and that decides. Nothing here knows how
a post is read: files go in, rows of tables come out.
"""

from __future__ import annotations

import math
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from pipelines import limits
from pipelines import settings as options
from pipelines.allowance import allowance, is_of_a_file
from pipelines.build import open_site
from pipelines.jekyll import posts as jekyll_posts
from pipelines.jekyll.config import SiteError, read_site
from pipelines.jekyll.reasons import NOT_PROCESSED
from pipelines.jekyll.scan import scan
from pipelines.normalise import archive
from pipelines.normalise import posts as normalise_posts
from pipelines.normalise.posts import SiteFacts
from pipelines.normalise.rules import RulesError, load_rules
from tests import sites
from tests.ordeal import tokens
from tests.sites import CONFIG, NOW
from warehouse import contracts

SMALL: Final = 60_000
LARGE: Final = 200_000
SLOWEST: Final = 2.0
"""CPU seconds that one file may take, at the size limit, on a core that has nothing else to do."""
SQUARES: Final = 0.035
"""CPU seconds in which such a core squares a million numbers: others share its caches, or it is a slower one."""
LARGEST: Final = 1_000_000_000
"""Bytes of memory that one file may take, at the size limit."""
DOUBT: Final = 0.4
"""The share of what a file may take from which on what is expected at the limit is not trusted but measured."""
BUILT: Final = 60
"""Files of the smaller size that are built as a site: tables, database, audits."""

Written = Callable[[int], str]


class Recipe(NamedTuple):
    """How a file is made: its name, in words for who looks for the fault, and its text by size."""

    name: str
    words: str
    text: Written


def _repeated(unit: str, joined: str = "") -> Written:
    return lambda size: joined.join([unit] * (size // max(1, len((unit + joined).encode()))))


def _growing(unit: str, joined: str) -> Written:
    return lambda size: joined.join(unit * n for n in range(1, int(math.sqrt(2 * size / len(unit.encode()))) + 1))


def _opened(unit: str, end: str) -> Written:
    """Units in a row, closed by ends in a row, or by one."""
    return lambda size: _repeated(unit)(size * 2 // 3) + _repeated(end)(size // 3)


def _numbered(unit: str) -> Written:
    return lambda size: "".join(unit.replace("a", f"a{n}") for n in range(size // (len(unit.encode()) + 5)))


def _fixed(text: str) -> Written:
    return lambda _: text


def _shape(dice: random.Random, given: tuple[str, ...]) -> tuple[str, Written]:
    """Runs, pairs, triples and growing runs of tokens."""
    one, two, three = (dice.choice(given) for _ in range(3))
    joined = dice.choice(("", "", " ", "\n", "a", " a\n", "a\n\n", "\n\n"))
    match dice.randrange(7):
        case 0 | 1:
            return f"run of {one!r} by {joined!r}", _repeated(one, joined)
        case 2:
            return f"pairs of {one + two!r} by {joined!r}", _repeated(one + two, joined)
        case 3:
            return f"triples of {one + two + three!r} by {joined!r}", _repeated(one + two + three, joined)
        case 4:
            return f"growing runs of {one!r} by {joined or ' '!r}", _growing(one, joined or " ")
        case 5:
            return f"run of {one + joined!r} closed by {two!r}", _opened(one + joined, two)
        case _:
            return f"run of {one + joined!r} with numbers", _numbered(f"{one}a{joined}")


def _in_front_matter(key: str, written: Written, form: str) -> Written:
    def text(size: int) -> str:
        value = written(size)
        if form.startswith("|"):
            value = value.replace("\n", "\n  ")
        return f"---\ntitle: t\n{key}: {form.format(value) if '{}' in form else value}\n---\nText.\n"

    return text


FORMS: Final = ("{}", '"{}"', "[{}]", "|\n  {}", "- {}", "{{a: {}}}")


def _body(dice: random.Random) -> Recipe:
    given = dice.choice((tokens.MARKDOWN, tokens.HTML, tokens.LIQUID, tokens.URLS, tokens.BODY))
    words, written = _shape(dice, given)
    ending = dice.choice(("md", "md", "html"))
    return Recipe(f"2022-04-15-n.{ending}", f"body: {words}", lambda size: f"---\ntitle: t\n---\n{written(size)}\n")


def _value(dice: random.Random) -> Recipe:
    key = dice.choice(sorted(tokens.VALUE))
    words, written = _shape(dice, tokens.VALUE[key])
    form = dice.choice(FORMS)
    return Recipe("2022-04-15-n.md", f"{key} {form!r}: {words}", _in_front_matter(key, written, form))


LENGTHS: Final = (1, 9, 20, 100, 1_000, 3_500, 3_572, 3_914, 4_000, 4_299, 4_301, 6_000, 12_999, 13_001, 50_000)
NUMBERS: Final = ("1" * 9, "9", "0", "0x{}f", "-0x{}f", "0x{}f_", "0b{}1", "0{}7", "1,", "1_", "1:", ".{}1", "1.{}1")
"""Digits of each base: repeated, after what stands before the braces."""
AMONG_TEXT: Final = (
    "&#{};", "[a](http://b.c/&#{};)", "![&#{};](a)", "<b title='&#{};'>&#x{};</b>", "{}. a", "[^{}]: a", "[a][{}]",
    "# a {{#{}}}", "http://a.b:{}/", "<a href='&#{}'>b</a>", "文章来源：[&#{};](http://b.c/)", "$${}$$",
    "- a\n{{:toc}}\n\n# &#{};", "{{{{ {} }}}}",
)  # fmt: skip


def _digits(dice: random.Random, length: int) -> str:
    before, _, unit = dice.choice(NUMBERS).rpartition("{}")
    return before + unit * (length // len(unit) + 1)


def _number(dice: random.Random) -> Recipe:
    length = dice.choice(LENGTHS)
    if dice.random() < 0.5:
        key, digits = dice.choice(sorted(tokens.VALUE)), _digits(dice, length)
        text = _in_front_matter(key, lambda _: digits, dice.choice(FORMS[:4]))
        return Recipe("2022-04-15-n.md", f"{key}: {length} digits, {digits[:8]}…", text)
    place, digits = dice.choice(AMONG_TEXT), dice.choice("19") * length
    written = place.replace("{}", digits).replace("{{", "{").replace("}}", "}")
    return Recipe("2022-04-15-n.md", f"{place}: {length} digits", lambda _: f"---\ntitle: t\n---\n{written}\n")


def _reference_in_value(dice: random.Random) -> Recipe:
    key, length = dice.choice(("title", "tags", "categories", "source", "slug")), dice.choice(LENGTHS)
    text = _in_front_matter(key, lambda _: f"&#{'1' * length};", '["{}"]' if dice.random() < 0.5 else '"{}"')
    return Recipe("2022-04-15-n.md", f"{key}: reference of {length} digits", text)


def _bomb(dice: random.Random) -> tuple[str, Written, str]:
    """Aliases of aliases, or of one long text; and the last one's name."""
    levels, width = dice.choice((2, 4, 7, 8, 12)), dice.choice((2, 9, 100))
    kind = dice.choice(("lists", "maps", "merges", "text", "itself"))

    def written(size: int) -> str:
        if kind == "text":
            return f"z0: &z0 {'b' * (size // 2)}\nz{levels}: &z{levels} [{'*z0,' * (size // 8)}]\n"
        if kind == "itself":
            return f"z{levels}: &z{levels} [{f'*z{levels},' * width}]\n"
        lines = ["z0: &z0 {a: b}\n"]
        for n in range(1, levels + 1):
            old = f"*z{n - 1}"
            inside = {
                "lists": f"[{','.join([old] * width)}]",
                "maps": f"{{{','.join(f'a{i}: {old}' for i in range(width))}}}",
                "merges": f"{{<<: {old}, {','.join(f'a{n}_{i}: {old}' for i in range(width))}}}",
            }[kind]
            lines.append(f"z{n}: &z{n} {inside}\n")
        return "".join(lines)

    return f"aliases, {levels} levels of {width} {kind}", written, f"*z{levels}"


def _alias(dice: random.Random) -> Recipe:
    words, written, last = _bomb(dice)
    key, form = dice.choice(sorted(tokens.VALUE)), dice.choice(("{}", "[{}]", "{{a: {}}}", "[{}, {}, {}]"))
    value = form.replace("{}", last).replace("{{", "{").replace("}}", "}")
    return Recipe(
        "2022-04-15-n.md", f"{key}: {words}", lambda size: f"---\n{written(size)}{key}: {value}\n---\nText.\n"
    )


def _terms(dice: random.Random) -> Recipe:
    key, form = dice.choice(("categories", "tags", "category", "tag")), dice.choice(("{}", "[{}]"))
    unit = dice.choice(("cat{:05d}", "{}", "c.{}-d", "é{}", "{} x"))
    joined = ", " if form == "[{}]" else " "
    count = dice.choice((150, 200, 4_000, 30_000))
    return Recipe(
        "2022-04-15-n.md",
        f"{key} {form}: {count} of {unit}",
        _in_front_matter(key, lambda _: joined.join(unit.format(n) for n in range(count)), form),
    )


def _url(dice: random.Random) -> Recipe:
    template = "".join(dice.choice(tokens.PERMALINKS) for _ in range(dice.choice((1, 2, 3))))
    slug = "".join(dice.choice(tokens.OTHERS[:3] + tokens.PERMALINKS[-8:]) for _ in range(2)).replace('"', "")
    share = dice.choice((2, 20, 1000))

    def text(size: int) -> str:
        permalink, named = _repeated(template)(size // share), _repeated(slug)(size - size // share)
        return f'---\nslug: "{named}"\npermalink: "/{permalink}"\ncategories: "{named[:1000]}"\n---\nText.\n'

    return Recipe("2022-04-15-n.md", f"slug of {slug!r}, permalink of {template!r}, 1 in {share}", text)


def _configuration(dice: random.Random) -> Recipe:
    if dice.random() < 0.4:
        name = dice.choice(("backfile.toml", "_config.toml"))
        head = dice.choice(("", "a = ", "title = ", "[rules]\na = ", "[[rules.hosts]]\nhost = ", "workers = "))
        words, written = _shape(dice, tokens.TOML)
        if dice.random() < 0.3:
            words, written = "digits", _fixed(_digits(dice, dice.choice(LENGTHS)))
        return Recipe(name, f"{head!r} {words}", lambda size: head + written(size) + "\n")
    key = dice.choice(
        ("title", "permalink", "defaults", "kramdown", "exclude", "collections", "timezone", "encoding", "url", "lang")
    )
    if dice.random() < 0.5:
        words, bomb, last = _bomb(dice)
        value = '[{scope: {path: ""}, values: {title: LAST, x: LAST}}]' if key == "defaults" else "{a: LAST}"
        value = value.replace("LAST", last) if dice.random() < 0.7 else last
        return Recipe("_config.yml", f"{key}: {words}", lambda size: f"{bomb(size)}{key}: {value}\n")
    words, written = _shape(dice, (*tokens.YAML, *tokens.PERMALINKS))
    if dice.random() < 0.4:
        words, written = "digits", _fixed(_digits(dice, dice.choice(LENGTHS)))
    return Recipe("_config.yml", f"{key}: {words}", lambda size: f"{key}: {written(size)}\n")


KINDS: Final = (
    *(_body,) * 6, _value, _value, _number, _number, _reference_in_value, _alias, _alias, _terms, _url, _configuration,
    _configuration,
)  # fmt: skip
"""One file of each in turn."""


def _single(name: str, head: str, token: str, shape: str) -> Recipe:
    """A run of one token, on one line or on many; or growing runs of it."""
    written = _growing(token, " ") if shape == "growing" else _repeated(token, shape)
    return Recipe(name, f"{head!r} {shape!r} run of {token!r}", lambda size: f"{head}{written(size)}\n")


POST: Final = "2022-04-15-n.md"
SINGLE: Final = (
    (POST, "---\n---\n", tokens.BODY, ("growing", "", " ", "\n")),
    (POST, "---\ntitle: ", tokens.YAML, ("", "\n")),
    ("_config.yml", "title: ", tokens.YAML, ("", "\n")),
    ("_config.toml", "a = ", tokens.TOML, ("", "\n")),
    ("backfile.toml", "a = ", tokens.TOML, ("", "\n")),
    ("backfile.toml", "[rules]\na = ", tokens.TOML, ("", "\n")),
)
"""Where each token stands alone: the file, what stands before the token, and how it is repeated."""

ONCE_TOO_SLOW: Final = (
    *(_single(POST, "---\n---\n", token, "growing") for token in ("`", "```")),
    *(_single(POST, "---\n---\n", token, "") for token in ("<", "<!", "<?", "* ", "```", "![", "<b>", "<a@b>")),
    *(_single(POST, "---\n---\n", token, "\n") for token in ("{:``", "{::", "* ", "``` ", "Plain text. " * 20)),
    Recipe(POST, "many hosts", lambda size: "".join(f"<http://é{n}.example/>\n" for n in range(size // 25))),
)
"""What took more than it may, once: tried each time."""


def recipes(seed: int, count: int) -> Iterator[Recipe]:
    """What was once too slow, then so many recipes of every kind; one in four of a single token, each token in turn."""
    yield from ONCE_TOO_SLOW
    singles = [
        (name, head, token, shape)
        for name, head, given, shapes in SINGLE
        for token in dict.fromkeys(given)
        for shape in shapes
    ]
    random.Random(seed).shuffle(singles)
    for n in range(count):
        if n % 4 == 3:
            yield _single(*singles[n // 4 % len(singles)])
        else:
            yield KINDS[n % len(KINDS)](random.Random(f"{seed} {n}"))


class Cost(NamedTuple):
    """What a file took: CPU seconds and bytes of memory; and what became of it."""

    seconds: float
    memory: int
    outcome: str


def _held(what: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) * 1024
    return 0


def _post(site: Path) -> str:
    """Read and normalise the site's one post, and summarise the archive that it is; its outcome."""
    opened, rules = open_site(options.load(site=site, warehouse=site / "none"))
    made = jekyll_posts.read(opened, scan(opened).entries, NOW)
    facts = SiteFacts(opened.url, opened.baseurl)
    posts = made["posts"].select(normalise_posts.POST_COLUMNS)
    made |= normalise_posts.normalise(posts, made["post_bodies"], made["post_links_raw"], facts, rules)
    for table, rows in made.items():
        contracts.check(table, rows)
    lake = {table: made.get(table, contracts.empty(table)).lazy() for table in contracts.MONTHLY if table != "changes"}
    archive.summarise(lake, rules)
    row = made["files"].row(0, named=True)
    assert row["reason"] != NOT_PROCESSED, row["detail"]
    return str(row["outcome"])


def _configured(site: Path) -> str:
    """Read the site's configuration, settings and rules: whether they can be, or are one clear error."""
    for read in (
        lambda: read_site(site),
        lambda: options.load(site=site),
        lambda: load_rules(options.site_file(site)),
    ):
        try:
            read()
        except (SiteError, RulesError, options.SettingsError) as error:
            assert len(" ".join(str(error).split())) < 1_500, f"a line of {len(str(error)):,} characters"
            return "refused"
    return _post(site)


def cost(folder: Path, recipe: Recipe, size: int) -> Cost:
    """What a file of this recipe and about this size takes.

    Raises:
        TooCostlyError: far more than it may.
    """
    shutil.rmtree(folder, ignore_errors=True)
    is_post = recipe.name.startswith("2")
    files = {"_config.yml": CONFIG} if is_post else {"_posts/2022-04-15-a.md": sites.post("a")}
    sites.write(folder, {**files, f"_posts/{recipe.name}" if is_post else recipe.name: written(recipe, size)})
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the peak is the present
    held, began = _held("VmRSS"), time.process_time()
    with allowance(1, size):
        outcome = _post(folder) if is_post else _configured(folder)
    return Cost(time.process_time() - began, _held("VmHWM") - held, outcome)


def written(recipe: Recipe, size: int) -> bytes:
    """The recipe's file, of about this size and, if its size can be chosen, not beyond the limit of a post."""
    for _ in range(3):
        content = recipe.text(size).encode("utf-8", "surrogatepass")
        if len(content) <= limits.FILE_BYTES:
            break
        size = size * limits.FILE_BYTES // len(content) * 99 // 100
    return content


def expected(small: float, large: float) -> float:
    """What is to be expected at the size limit of what takes so much at 60 kB and at 200 kB."""
    power = math.log(max(large, 0.02) / max(small, 0.01)) / math.log(LARGE / SMALL)
    return large * float((limits.FILE_BYTES / LARGE) ** min(max(power, 1.0), 3.0))


def slowness() -> float:
    """How much slower this core is than the one that is promised."""
    began = time.process_time()
    for n in range(1_000_000):
        n * n
    return max(1.0, (time.process_time() - began) / SQUARES)


def faults(folder: Path, recipe: Recipe) -> tuple[str | None, Cost]:
    """What is wrong with what a recipe's files take, if anything; and what the larger took."""
    try:
        small = cost(folder, recipe, SMALL)
        large = cost(folder, recipe, LARGE)
        whole = large
        share = max(expected(small.seconds, large.seconds) / SLOWEST, expected(small.memory, large.memory) / LARGEST)
        if share > DOUBT:
            whole = cost(folder, recipe, limits.FILE_BYTES)
            for _ in range(2):
                if whole.seconds > SLOWEST:
                    again = cost(folder, recipe, limits.FILE_BYTES)
                    whole = min(whole, again._replace(seconds=again.seconds / slowness()))
    except BaseException as error:
        if not is_of_a_file(error):
            raise
        return f"{type(error).__name__}: {str(error)[:200]}", Cost(0.0, 0, "failed")
    if whole.seconds > SLOWEST:
        return f"{whole.seconds:.1f} CPU seconds", whole
    if whole.memory > LARGEST:
        return f"{whole.memory:,} bytes of memory", whole
    return None, whole


def generated_files(folder: Path, seed: int, count: int, say: Callable[[str], object]) -> dict[str, int | float]:
    """Generated files: at the size limit each takes less than two CPU seconds and a gigabyte, and has one outcome."""
    wrong: list[str] = []
    kinds: Counter[str] = Counter()
    slowest, largest = 0.0, 0
    for n, recipe in enumerate(recipes(seed, count), start=1):
        fault, took = faults(folder / "one", recipe)
        kinds[took.outcome] += 1
        slowest, largest = max(slowest, took.seconds), max(largest, took.memory)
        if fault:
            wrong.append(f"{recipe.name}, {recipe.words}: {fault}")
            say(wrong[-1])
        if n % 500 == 0:
            say(f"{n:,} files")
    _built(folder, seed, min(count, BUILT))
    assert not wrong, f"{len(wrong)} of {n} files: " + "; ".join(wrong[:20])
    return {"files": n, "CPU ms of the slowest": round(slowest * 1000), "MB": largest // 1_000_000, **kinds}


def _built(folder: Path, seed: int, count: int) -> None:
    """A site of the first posts goes all the way: tables, database, audits."""
    posts = [recipe for recipe in recipes(seed, count) if recipe.name.startswith("2")]
    texts = {f"_posts/{recipe.name.replace('-n.', f'-{n}.')}": written(recipe, SMALL) for n, recipe in enumerate(posts)}
    sites.write(folder / "site", {"_config.yml": CONFIG, **texts})
    sites.build(folder / "site", folder / "warehouse", workers=1)
    files = sites.rows(folder / "warehouse", "files")
    assert files.height == len(texts) == files.filter(pl.col("outcome") != "ignored").height
    assert sites.failed_audits(sites.current(folder / "warehouse")) == []
