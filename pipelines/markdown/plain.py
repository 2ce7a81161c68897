"""Bodies so plain that no parser is needed: what their pages say, by expressions over their lines.

A body is plain if each line, by itself and with the line before it, can only be read in one way: a paragraph's line, a
heading, an item, a quote, fenced code, paragraphs of HTML; with nothing in it but whole links, code and `**strong**`.
That is a regular language. The parser says the same of these bodies; this is only faster. Other bodies are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

from pipelines.columns.memoise import remembered
from pipelines.html.references import decoded_markup
from pipelines.markdown.heading_ids import gfm_id
from pipelines.markdown.options import DEFAULT, Options

_CONTROL = r"\x00-\x1f\x7f\u{e000}-\u{e002}\u{fdd0}-\u{fdd1}"
_SIGNS = r"<>&\\\[\]*_`$~{|!"
_S = rf"[^{_SIGNS}({_CONTROL}]"
"""A character that means itself wherever it is."""
_X = rf"[^{_SIGNS}( {_CONTROL}]"
"""The same without the blank."""
_CODE = rf"`[^` |{_CONTROL}](?:[^`|{_CONTROL}])*`"
_AFTER_LETTER = r"[A-Za-z가-힣一-龥]_+"  # all letters would make an automaton that is thirty times as slow
_WORDS = rf"(?:{_S}|{_S}\(|{_AFTER_LETTER}|!{_S}|{_CODE})"
_PLACE = rf"[^\s()<>\"'`&{{|\\{_CONTROL}]+"
_IN_LABEL = rf"{_S}|{_S}\(|{_AFTER_LETTER}|!{_S}|`[^` |\[\]{_CONTROL}][^`|\[\]{_CONTROL}]*`|\*\*{_X}+\*\*"
_LABEL = rf"(?:[^{_SIGNS}(^{_CONTROL}]|`[^` |\[\]{_CONTROL}][^`|\[\]{_CONTROL}]*`|\*\*{_X}+\*\*)(?:{_IN_LABEL})*"
_LINK = rf'!?\[{_LABEL}\]\({_PLACE}(?: "[^"\\<>&`|{_CONTROL}]*")?\)'
_EM = rf"\*{_X}(?:(?:{_WORDS})*{_X})?\*"
_STRONG = rf"\*\*(?:{_X}|{_CODE}|{_LINK})(?:(?:{_WORDS}|{_LINK})*(?:{_X}|{_CODE}|{_LINK}))?\*\*"
_URL = rf"<https?://[^\s<>&`|{{\\{_CONTROL}]+>"
_NAMED = "&(?:nbsp|amp|lt|gt|quot|copy|middot|bull|hellip|mdash|ndash|[lr][sd]quo);"
_REFERENCE = rf"(?:{_NAMED}|&#[0-9]{{2,5}};)"
_BRACKETS = rf"\[(?:[^{_SIGNS}(^{_CONTROL}](?:{_WORDS})*)?\]"
_WHOLE = rf"(?:{_CODE}|{_STRONG}|{_LINK}|{_URL}|{_REFERENCE}|<br ?/?>)"
_REST = (
    rf"(?:{_S}|{_S}\(+|{_AFTER_LETTER}|!+{_S}|[>$~]{_S}|&[^A-Za-z0-9_#:{_SIGNS}({_CONTROL}]"
    rf"|{_WHOLE}\(*|{_EM}(?:{_S}|\()|{_BRACKETS})*(?:[>$~!&]|{_EM})?"
)
_START = (
    rf"(?:[^\-+#:=^0-9 {_SIGNS}({_CONTROL}]|\(+|\#+[^\# {_SIGNS}({_CONTROL}]|[\-+:=][^\-=+ {_SIGNS}({_CONTROL}]"
    rf"|[0-9]+(?:[^0-9. {_SIGNS}({_CONTROL}]|\.[^ {_SIGNS}({_CONTROL}]| )|[0-9]+\.?$|{_WHOLE})"
)
"""The start of a line that starts no other block than a paragraph."""


def _element(name: str) -> str:
    return rf"<{name}(?: [a-z-]+=\"[^\"<>{_CONTROL}]*\")*>(?:[^<&{_CONTROL}]|{_NAMED})*</{name}>"


_IN_HTML = "|".join(_element(name) for name in ("a", "span", "strong", "b", "em", "i", "sub", "sup"))
_HTML = (
    rf"(?:<p(?: [a-z-]+=\"[^\"<>{_CONTROL}]*\")*>"
    rf"(?:[^<&{_CONTROL}]|{_NAMED}|{_IN_HTML}|<(?:br|img(?: [a-z-]+=\"[^\"<>{_CONTROL}]*\")*) ?/?>)*</p>)+"
)
_LINE: Final = (
    rf"^(?: {{0,3}}{_START}{_REST}|(?:[-*+]|[0-9]{{1,9}}\.) {{1,3}}{_START}{_REST}|> ?{_START}{_REST}"
    rf"|#{{1,6}} +(?:{_X}|{_X}\(|\(+|{_WHOLE}){_REST}|-{{3,}}|\*{{3,}}|_{{3,}}|={{3,}}|{_HTML}) *$"
)
"""A line of a plain body outside code."""
_FENCE: Final = r"^```[^`\s&]*[ ]*$"
_ANY_FENCE: Final = r"^ {0,3}(?:```|~~~)"
_MARK: Final = r"^(?:#{1,6} +|[-*+] +|[0-9]+\. +|>)"
_SPECIAL: Final = r"[\[<&]"
_CLOSING_MARKS: Final = r" +#+$"
_TYPOGRAPHY: Final = r"-{2,3}|\.\.\.|['\"]"
_TOKEN: Final = re.compile(
    r"`(?P<code>[^`]*)`|\*\*?|<(?P<url>https?://[^>]*)>|(?P<br><br ?/?>)|(?P<image>!?)\[(?P<label>[^\[\]]*)\]"
    r"\((?P<place>[^\s()]+)(?: \"[^\"]*\")?\)|&[a-z#0-9]+;"
)
_TAG: Final = re.compile("(<[^>]*>)")
_LINKING: Final = ("<a ", "<img ", "<span ")
_SPECIAL_HTML: Final = "<(?:a|img|span) |<br|&(?:[^n]|n[^b])"
_GIVEN: Final = re.compile(r'([a-z-]+)="([^"]*)"')
_TYPOGRAPHIC: Final = re.compile(_TYPOGRAPHY)

PARAGRAPH, HEADING, ITEM, NUMBERED, QUOTE, RULE, HTML, CODE = "p", "h", "i", "n", "q", "r", "x", "c"
"""Kinds of entries: of lines, and of whole blocks of code."""
_GAPS: Final = ("", " ", "\n", "\n\n")
_BLANK, _LINE_END, _BLOCK = 1, 2, 3
"""What separates an entry from the one before: an index of `_GAPS`."""


Anchor = tuple[str, str, str, str | None, int, int]
"""A link of a line: element, attribute, url, anchor, and the places in the line's text at which the anchor starts and
ends; -1 for a place before all of the text."""


class Words(NamedTuple):
    """What a line with marks says."""

    text: str
    links: tuple[Anchor, ...]
    for_id: str
    """What of the text counts for the id of a heading."""


class Plain(NamedTuple):
    """What plain bodies say. Frames have `row`, the number of the body; their rows are in the order of the page."""

    texts: pl.DataFrame
    """row, text, excerpt_characters, code."""
    headings: pl.DataFrame
    """row, level, anchor_id, text."""
    code_blocks: pl.DataFrame
    """row, language, lines, characters."""
    links: list[tuple[object, ...]]
    """row, and the fields of `html.page.Link`."""


def applies(options: Options) -> bool:
    """Return True if these options change nothing that a plain body says."""
    return options._replace(toc_levels=DEFAULT.toc_levels, footnote_prefix="", footnote_backlink="↩") == DEFAULT


def read(bodies: pl.Series, cuts: Sequence[int | None]) -> Plain:
    """Return what the pages of the plain ones among these bodies say.

    Args:
        bodies: Markdown without Liquid; null for a body that is not to be read.
        cuts: where the excerpt of each ends; None for the end.
    """
    lines = _lines(bodies, cuts)
    entries = _entries(lines)
    rows = lines.select("row", "cut_line", first="number").unique("row", keep="first", maintain_order=True)
    rows = rows.join(entries.filter("bad").select("row"), on="row", how="anti", maintain_order="left")
    entries, words = _with_words(entries.join(rows.select("row"), on="row", how="semi", maintain_order="left"))
    return Plain(_texts(rows, entries), _headings(entries, words), _code_blocks(entries), _links(entries, words))


def _lines(bodies: pl.Series, cuts: Sequence[int | None]) -> pl.DataFrame:
    """row, number, line, cut_line: the lines of the bodies that are cut between two blocks, or not at all."""
    frame = pl.DataFrame(
        {
            "row": pl.int_range(len(bodies), dtype=pl.Int32, eager=True),
            "body": bodies,
            "cut": pl.Series(cuts, dtype=pl.Int64),
        }
    ).drop_nulls("body")
    inside = pl.col("cut") < pl.col("body").str.len_chars()
    head = pl.when(inside).then(pl.col("body").str.slice(0, pl.col("cut").cast(pl.UInt64)))
    frame = frame.with_columns(
        cut_line=head.str.count_matches("\n", literal=True),
        between=~inside.fill_null(False) | (pl.col("body").str.slice(pl.col("cut"), 2) == "\n\n"),
    ).filter("between")
    return (
        frame.select("row", "cut_line", line=pl.col("body").str.replace_all("\r\n", "\n", literal=True).str.split("\n"))
        .explode("line")
        .with_columns(number=pl.int_range(pl.len(), dtype=pl.Int32))
    )


def _entries(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines outside code that are not blank, and the blocks of code.

    row, number, end (number of the last line), line, kind, gap, bad (True if the body is not plain because of it).
    """
    line = pl.col("line")
    fenced = lines.with_columns(fence=line.str.contains(_ANY_FENCE))
    fenced = fenced.with_columns(fences=pl.col("fence").cast(pl.Int32).cum_sum().over("row"))
    odd = pl.col("fences") % 2 == 1
    words = fenced.filter(~pl.col("fence") & ~odd & (line.str.strip_chars(" ") != ""))
    first, second = line.str.slice(0, 1), line.str.slice(1, 1)
    kind = (
        pl.when(first == ">").then(pl.lit(QUOTE))
        .when(line.str.contains(r"^(?:-{3,}|\*{3,}|_{3,}|={3,}) *$")).then(pl.lit(RULE))
        .when(first.is_in(["-", "*", "+"]) & (second == " ")).then(pl.lit(ITEM))
        .when(line.str.contains(r"^[0-9]+\. ")).then(pl.lit(NUMBERED))
        .when((first == "#") & line.str.contains("^#{1,6} ")).then(pl.lit(HEADING))
        .when(line.str.starts_with("<p")).then(pl.lit(HTML))
        .otherwise(pl.lit(PARAGRAPH))
    )  # fmt: skip
    words = words.select(
        "row",
        "number",
        end="number",
        line="line",
        code=pl.lit(None, pl.String),
        kind=kind,
        bad=~line.str.contains(_LINE),
    )
    entries = pl.concat([words, _blocks(fenced.filter(pl.col("fence") | odd))]).sort("number")
    return _checked(entries)


def _blocks(fenced: pl.DataFrame) -> pl.DataFrame:
    """The blocks of code of these lines, which are fences and what is between them."""
    line, key = pl.col("line"), ["row", "fences"]
    is_opening = pl.col("fences") % 2 == 1
    fences, inside = fenced.filter("fence"), fenced.filter(~pl.col("fence"))
    closings = fences.filter(~is_opening).select("row", pl.col("fences") - 1, end="number", closing="line")
    code = inside.group_by(key, maintain_order=True).agg(code=line.str.join("\n"))
    blocks = fences.filter(is_opening).join(closings, on=key, how="left").join(code, on=key, how="left")
    closes = (pl.col("closing").str.strip_chars_end(" ") == "```").fill_null(False)
    return blocks.select(
        "row",
        "number",
        pl.col("end").fill_null(pl.col("number")),
        "line",
        pl.col("code").fill_null("").str.strip_chars("\n"),
        kind=pl.lit(CODE),
        bad=~line.str.contains(_FENCE) | ~closes,
    )


def _checked(entries: pl.DataFrame) -> pl.DataFrame:
    """The entries with what separates each from the one before. Lines that mean another thing after it are bad."""
    kind, line = pl.col("kind"), pl.col("line")
    follows = pl.col("row") == pl.col("row").shift(1)
    before: pl.Expr = pl.when(follows).then(kind.shift(1))
    adjacent = follows & (pl.col("number") == pl.col("end").shift(1) + 1)
    entries = entries.with_columns(before=before, adjacent=adjacent.fill_null(False))
    adjacent, before = pl.col("adjacent"), pl.col("before")
    underlined = (kind == RULE) & adjacent & (before == PARAGRAPH) & ~adjacent.shift(1).fill_null(False)
    underlined &= line.str.contains(r"^[-=]")
    entries = entries.with_columns(underlined=underlined, underlines=underlined.shift(-1).fill_null(False))
    entries = entries.with_columns(
        bad=pl.col("bad")
        | (adjacent & before.is_in([ITEM, NUMBERED, QUOTE]) & (kind != before))
        | ((kind == RULE) & ~pl.col("underlined") & (adjacent & (before == PARAGRAPH) | line.str.starts_with("=")))
        | (line.str.starts_with(" ") & before.is_in([ITEM, NUMBERED])),
        level=pl.when(kind == HEADING).then(line.str.extract("^(#+)").str.len_bytes())
        .when("underlines").then(pl.when(line.shift(-1).str.starts_with("=")).then(1).otherwise(2)),
    )  # fmt: skip
    # The id of a heading has a dash for each blank, its text one blank for all.
    wide = pl.col("level").is_not_null() & line.str.replace(_MARK, "").str.strip_chars(" ").str.contains(
        "  ", literal=True
    )
    entries = entries.with_columns(bad=pl.col("bad") | wide)
    continues = adjacent & (kind == before) & kind.is_in([PARAGRAPH, QUOTE]) & ~pl.col("underlines").shift(1)
    gap = (
        pl.when(continues)
        .then(pl.when(line.shift(1).str.ends_with("  ")).then(_LINE_END).otherwise(_BLANK))
        .when((kind == before) & kind.is_in([ITEM, NUMBERED]))
        .then(_LINE_END)
        .otherwise(_BLOCK)
    )
    return entries.with_columns(gap=gap)


def _with_words(entries: pl.DataFrame) -> tuple[pl.DataFrame, dict[int, Words]]:
    """Return the entries that show something, with their text and its places, and the words of some by their `at`.

    Paragraphs of HTML on one line become entries of their own.
    """
    line, kind = pl.col("line"), pl.col("kind")
    end = pl.when(kind == HTML).then(pl.lit("</p>")).otherwise(pl.lit("\n"))
    paragraphs = line.str.strip_chars_end(" ").str.strip_suffix(end).str.split(end)
    entries = entries.filter(kind != RULE).with_columns(paragraphs).explode("line").with_row_index("at")
    lines, html = _lines_said(entries.filter(~kind.is_in([CODE, HTML]))), _html_said(entries.filter(kind == HTML))
    words = {at: _words(line) for at, line in lines.filter("special").select("at", "text").iter_rows()}
    words |= {at: _html(line) for at, line in html.filter("special").select("at", "text").iter_rows()}
    read = pl.DataFrame(
        {"at": list(words), "text": [one.text for one in words.values()]},
        {"at": entries.schema["at"], "text": pl.String()},
    )
    shown = [frame.filter(~pl.col("special")).select("at", text="shown") for frame in (lines, html)]
    code = entries.filter(kind == CODE).select("at", text="code")
    return _placed(entries.join(pl.concat([*shown, read, code]), on="at", how="left", maintain_order="left")), words


def _lines_said(lines: pl.DataFrame) -> pl.DataFrame:
    """at, text, special (True if Python is to read it), shown (what the others show)."""
    text = pl.col("text")
    marked = pl.col("kind").is_in([HEADING, ITEM, NUMBERED, QUOTE])
    said = pl.when(marked).then(pl.col("line").str.replace(_MARK, "")).otherwise("line").str.strip_chars(" ")
    lines = lines.select(
        "at", said.alias("text"), heading=pl.col("kind") == HEADING, leveled=pl.col("level").is_not_null()
    )
    headings = lines.get_column("heading")
    closed = lines.filter(headings).select(text.str.replace(_CLOSING_MARKS, "")).to_series()
    lines = lines.with_columns(lines.get_column("text").scatter(headings.arg_true(), closed))
    # Code keeps its asterisks, and in headings its quotes and dashes.
    mixed = text.str.contains("`", literal=True) & (text.str.contains("*", literal=True) | pl.col("leveled"))
    shown = text.str.replace_many(["*", "`"], ["", ""]).str.replace_all("  +", " ")
    return lines.select("at", "text", special=text.str.contains(_SPECIAL) | mixed, shown=shown)


def _html_said(paragraphs: pl.DataFrame) -> pl.DataFrame:
    """The same of paragraphs of HTML."""
    line = pl.col("line")
    shown = line.str.replace_all("<[^>]*>", "").str.replace_all("&nbsp;", "\u00a0", literal=True)
    return paragraphs.select(
        "at", text="line", special=line.str.contains(_SPECIAL_HTML), shown=shown.str.replace_all("  +", " ")
    )


def _placed(entries: pl.DataFrame) -> pl.DataFrame:
    """The entries with their text as it is written, what is before it, and its places in the text of the body."""
    shown, is_code = pl.col("text").str.strip_chars(" \n"), pl.col("kind") == CODE
    broken = pl.col("text").str.starts_with("\n") | pl.col("text").shift(1).str.ends_with("\n").fill_null(False)
    entries = entries.with_columns(
        gap=pl.when(broken & (pl.col("gap") == _BLANK)).then(_LINE_END).otherwise("gap"),
        shown=pl.when(is_code).then("code").otherwise(shown),
    )
    filled = pl.col("shown") != ""
    # What shows nothing separates all the same.
    group = (filled.cast(pl.Int32).cum_sum() - filled.cast(pl.Int32)).over("row")
    entries = entries.with_columns(group=group).with_columns(gap=pl.col("gap").max().over("row", "group"))
    first = pl.col("group") == 0
    gaps = pl.when(first | ~filled).then(pl.lit("")).otherwise(pl.col("gap").replace_strict(dict(enumerate(_GAPS))))
    entries = entries.with_columns(before=gaps)
    length = pl.col("shown").str.len_chars().cast(pl.Int64)
    gap = pl.col("before").str.len_chars().cast(pl.Int64)
    entries = entries.with_columns(place=(length + gap).cum_sum().over("row"))
    entries = entries.with_columns(start=pl.col("place") - length, previous=pl.col("place") - length - gap)
    heading = pl.when((pl.col("kind") == HEADING) | pl.col("underlines")).then("place")
    after = heading.forward_fill().shift(1).over("row") == pl.col("previous")
    return entries.with_columns(after_heading=after.fill_null(False))


def _texts(rows: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    kept = entries.join(rows.select("row", "cut_line", "first"), on="row", maintain_order="left")
    in_excerpt = pl.col("cut_line").is_null() | (pl.col("number") - pl.col("first") <= pl.col("cut_line"))
    texts = kept.group_by("row", maintain_order=True).agg(
        text=(pl.col("before") + pl.col("shown")).str.join(""),
        excerpt_characters=pl.col("place").filter(in_excerpt).max(),
        code=pl.col("shown").filter(pl.col("kind") == CODE).str.join("\n"),
    )
    nothing = {"text": "", "excerpt_characters": 0, "code": ""}
    return (
        rows.select("row")
        .join(texts, on="row", how="left", maintain_order="left")
        .with_columns(pl.col(name).fill_null(value) for name, value in nothing.items())
    )


def _headings(entries: pl.DataFrame, words: dict[int, Words]) -> pl.DataFrame:
    headings = entries.filter(pl.col("level").is_not_null())
    without = headings.select("at", pl.col("text").str.replace_all(_TYPOGRAPHY, "")).iter_rows()
    for_ids = [words[at].for_id if at in words else text for at, text in without]
    made = pl.Series("made", [gfm_id(text) for text in for_ids], pl.String)
    number = pl.int_range(pl.len()).over("row", "made")
    return headings.with_columns(made).select(
        "row",
        pl.col("level").cast(pl.Int32),
        anchor_id=pl.when(number > 0).then(pl.format("{}-{}", "made", number)).when(pl.col("made") != "").then("made"),
        text=pl.col("shown").str.replace_all(r"\s+", " ").str.strip_chars(),
    )


def _code_blocks(entries: pl.DataFrame) -> pl.DataFrame:
    language = pl.col("line").str.extract(r"^```([^`\s]+)")
    before_mark = language.str.extract(r"^([^?]+)")
    lines = (pl.col("end") - pl.col("number") - 1).clip(1)
    return entries.filter(pl.col("kind") == CODE).select(
        "row",
        language=before_mark.fill_null(language),
        lines=lines.cast(pl.Int32),
        characters=pl.col("shown").str.len_chars().cast(pl.Int64),
    )


@remembered(4096)
def _attributes(tag: str) -> dict[str, str]:
    return {key: decoded_markup(value) for key, value in _GIVEN.findall(tag)}


def _html(paragraph: str) -> Words:
    """Read a paragraph of HTML."""
    writing = _Writing()
    opened, part = 0, 0
    for number, piece in enumerate(_TAG.split(paragraph)):
        if number % 2 == 0:
            if piece:
                writing.write(decoded_markup(piece))
        elif piece.startswith("<br"):
            writing.gap, writing.blank = _LINE_END, False
        elif piece == "</a>":
            for link in range(opened, len(writing.links)):
                writing.anchor(link, part)
        elif piece.startswith(_LINKING):
            attributes = _attributes(piece)
            alt = attributes.get("alt")
            opened, part = len(writing.links), len(writing.parts)
            for attribute in ("href", "src"):
                if attribute in attributes:
                    anchor = None if alt is None and piece.startswith("<img") else " ".join((alt or "").split())
                    writing.link(piece[1:].split(" ", 1)[0], attribute, attributes[attribute], anchor)
    return Words("".join(writing.parts), tuple(writing.links), "")


def _links(entries: pl.DataFrame, words: dict[int, Words]) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    linking = pl.DataFrame({"at": [at for at, said in words.items() if said.links]}, {"at": entries.schema["at"]})
    columns = entries.join(linking, on="at", how="semi", maintain_order="left")
    columns = columns.select("at", "row", "kind", "start", "previous", "after_heading")
    for at, row, kind, place, previous, after_heading in columns.iter_rows():
        in_item = kind in (ITEM, NUMBERED)
        for element, attribute, url, anchor, start, end in words[at].links:
            begin = place + start if start >= 0 else previous
            is_first = after_heading and start <= 0
            found.append((row, element, attribute, url, False, anchor, begin, begin + end - start, in_item, is_first))
    return found


class _Writing:
    """A text while it is written, as `html.page` writes it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.gap = 0
        self.blank = self.breaks = False
        """True after a blank; after a line break before all of the text."""
        self.links: list[Anchor] = []

    def write(self, text: str) -> None:
        words = text.strip(" ")
        if not words:
            self.blank |= bool(text)
            return
        lead = _GAPS[self.gap or (self.blank or text[0] == " ")] if self.length else ""
        self.breaks |= self.gap > 0 and not self.length
        if "  " in words:
            words = " ".join(filter(None, words.split(" ")))
        self.parts.append(lead + words)
        self.length += len(lead) + len(words)
        self.gap, self.blank = 0, text[-1] == " "

    def link(self, element: str, attribute: str, url: str, anchor: str | None) -> None:
        place = self.length or -1
        self.links.append((element, attribute, url, anchor, place, place))

    def anchor(self, number: int, part: int) -> None:
        """Give the link of that number its anchor: the text since that part."""
        written = "".join(self.parts[part:])
        element, attribute, url, _, place, _ = self.links[number]
        start = max(0, place) + len(written) - len(written.lstrip()) if written else place
        self.links[number] = (element, attribute, url, " ".join(written.split()), start, start + len(written.strip()))


@remembered(4096)
def _words(line: str) -> Words:
    """Read a line of Markdown."""
    if line.startswith("<http") and line.find(">") == len(line) - 1 and "&" not in line:
        url = line[1:-1]
        return Words(url, (("a", "href", url, url, 0, len(url)),), url)
    writing = _Writing()
    for_id = _write(line, writing)
    text = "".join(["\n" * writing.breaks, *writing.parts, "\n" * bool(writing.gap)])
    return Words(text, tuple(writing.links), for_id)


def _write(line: str, writing: _Writing) -> str:
    """Write a line of Markdown, and return what of it counts for the id of a heading."""
    for_id: list[str] = []
    at = 0
    for token in _TOKEN.finditer(line):
        _plain_text(line[at : token.start()], writing, for_id)
        at = token.end()
        code, url, label = token["code"], token["url"], token["label"]
        if code is not None:
            writing.write(code)
            for_id.append(code)
        elif url:
            writing.link("a", "href", decoded_markup(url), "")
            part = len(writing.parts)
            writing.write(decoded_markup(url))
            writing.anchor(-1, part)
            for_id.append(url)
        elif token["br"]:
            writing.gap, writing.blank = _LINE_END, False
        elif label is None:
            if token[0][0] == "&":
                _plain_text(decoded_markup(token[0]), writing, for_id)
        elif token["image"]:
            writing.link("img", "src", token["place"], " ".join(label.split()))
        else:
            writing.link("a", "href", token["place"], "")
            number, part = len(writing.links) - 1, len(writing.parts)
            for_id.append(_write(label, writing))
            writing.anchor(number, part)
    _plain_text(line[at:], writing, for_id)
    return "".join(for_id)


def _plain_text(text: str, writing: _Writing, for_id: list[str]) -> None:
    if text:
        writing.write(text)
        for_id.append(_TYPOGRAPHIC.sub("", text))
