"""The data dictionary as Markdown: every table and report with its columns, from the contracts and the models.

What it says is what the database itself says in its comments; only the joins are declared here. Examples come from the
database that is handed in. Which one that is, and writing the file, is the business of `make docs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from warehouse import contracts, queries, search, shown
from warehouse.connection import identifier

SHOWN: Final = 44
"""Characters of an example; what is cut off ends in an ellipsis."""

EXAMPLE_ROWS: Final = 1000
"""Among so many first rows an example is looked for."""

ZONED: Final = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
"""DuckDB's long and short name of the type."""

SHOWN_TABLES: Final = [table for table in contracts.TABLES if table not in shown.INTERNAL]
GROUPS: Final = (
    (
        "Read from the archive",
        "Jekyll's answers for each file, and the content of each post's page. One Parquet folder per year.",
        contracts.READ_TABLES,
    ),
    (
        "Made from the posts by the rules",
        "Normalised values beside Jekyll's. One folder per year.",
        contracts.NORMALISED_TABLES,
    ),
    ("About the whole archive", "Recomputed by every build from the lake.", contracts.ARCHIVE_TABLES),
    (
        "History",
        "Not reproducible from the posts; each build carries it over from the build before.",
        contracts.HISTORY_TABLES,
    ),
)
INTERNAL_HEAD: Final = """\
## Internal tables

In schema `stored`; `backfile sql` and `backfile export` don't list them, and their columns may change in any version.
The schema also holds the rows behind the views `post_bodies`, `post_categories`, `post_tags` and `post_links`, and the
posts that links within the site lead to (`link_targets`).
"""


@dataclass(frozen=True)
class Join:
    """How rows of two tables belong together."""

    left: str
    right: str
    on: tuple[tuple[str, str], ...]
    """Columns that are equal, left and right."""
    ends: str = "||--o{"
    """Mermaid's crow's feet: how many rows of the left table one of the right has, and the other way round."""

    @property
    def refers(self) -> str:
        """The table whose columns name a row of the other."""
        return self.left if self.ends.startswith("}") else self.right


def _same(*columns: str) -> tuple[tuple[str, str], ...]:
    return tuple((column, column) for column in columns)


POST: Final = _same("month", "path")
JOINS: Final = (
    Join("files", "posts", POST, "||--o|"),
    Join("posts", "post_bodies", POST, "||--||"),
    Join("posts", "post_headings", POST),
    Join("posts", "post_code_blocks", POST),
    Join("posts", "duplicates", _same("path"), "||--o|"),
    Join("posts", "post_categories", POST),
    Join("post_categories", "categories", (("category_id", "id"),), "}o--o|"),
    Join("categories", "category_keys", (("id", "category_id"),), "||--|{"),
    Join("posts", "post_tags", POST),
    Join("post_tags", "tags", (("tag_id", "id"),), "}o--o|"),
    Join("tags", "tag_keys", (("id", "tag_id"),), "||--|{"),
    Join("posts", "post_links", POST),
    Join("posts", "post_links", (("path", "target_path"),), "|o--o{"),
    Join("post_links", "hosts", _same("host"), "}o--o|"),
    Join("post_links", "entities", _same("entity_kind", "entity_id"), "}o--o|"),
    Join("files", "changes", _same("path"), "|o--o{"),
    Join("changes", "builds", _same("build_id"), "}o--||"),
)


@dataclass(frozen=True)
class Seen:
    """What a database shows of one of its tables."""

    types: dict[str, str]
    """DuckDB's type by column."""
    example: dict[str, Any]
    """A value by column: the fullest row's (of several the one with most posts), else the first there is, else None."""


def seen(connection: duckdb.DuckDBPyConnection, table: str) -> Seen:
    """Types and examples of a table, or of a report as `reports.<name>`."""
    relation = connection.table(shown.full_name(table))
    key = contracts.TABLES[table].primary_key() if table in contracts.TABLES else ()
    ordered = relation.order(", ".join(map(identifier, key))) if key else relation
    rows = [dict(zip(relation.columns, row, strict=True)) for row in ordered.limit(EXAMPLE_ROWS).fetchall()]
    fullest = max(rows, key=lambda row: (sum(map(_says, row.values())), row.get("posts") or 0), default={})
    return Seen(
        {name: str(kind).replace(*ZONED) for name, kind in zip(relation.columns, relation.types, strict=True)},
        {
            name: next((row[name] for row in (fullest, *rows) if _says(row.get(name))), None)
            for name in relation.columns
        },
    )


def _says(value: Any) -> bool:
    return value is not None and value not in ("", [], "{}")


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _line(value: Any) -> str:
    """A value in one line, as DuckDB writes it, its bars escaped for a table."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return f"[{', '.join(map(_line, value))}]"
    return " ".join(str(value).split()).replace("|", "\\|")


def cell(value: Any) -> str:
    """A value as one cell of a Markdown table: nothing of it is taken for HTML."""
    return _line(value).replace("&", "&amp;").replace("<", "&lt;")


def _code(value: Any) -> str:
    """An example, literally; the fence is longer than a backtick in it."""
    if value is None:
        return ""
    text = _cut(_line(value))
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def rows(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def folder(table: str) -> str:
    """Where the table lies in a build's lake."""
    return f"lake/{table}/year=YYYY/*.parquet" if table in contracts.MONTHLY else f"lake/{table}/data.parquet"


def _nullable(table: str, column: str) -> bool:
    """Whether the column may be null; those that the database joins may be."""
    declared = contracts.TABLES[table].columns().get(column)
    return column not in shown.EXCERPT and (declared is None or declared.nullable)


def _table(table: str, seen: Seen) -> str:
    descriptions = shown.descriptions(table)
    in_lake = contracts.polars_schema(table)
    keys = contracts.TABLES[table].primary_key()
    body = [
        (
            f"**`{name}`**" if name in keys else f"`{name}`",
            kind,
            "yes" if _nullable(table, name) else "",
            cell(descriptions[name]) + ("" if name in in_lake else ". _In the database only_"),
            _code(seen.example.get(name)),
        )
        for name, kind in shown.columns(table).items()
    ]
    key = ", ".join(f"`{name}`" for name in keys)
    return (
        f"### {shown.full_name(table)}\n\n{contracts.description(table)}\n\nKey: {key}. Parquet: `{folder(table)}`.\n\n"
        f"{rows(('column', 'type', 'null', 'what it says', 'example'), body)}"
    )


def _report(model: queries.Query, seen: Seen) -> str:
    body = [
        (f"`{name}`", kind, cell(model.columns.get(name, "")), _code(seen.example.get(name)))
        for name, kind in seen.types.items()
    ]
    stored = " Stored with each build." if model.is_table else ""
    return (
        f"### reports.{model.name}\n\n_{model.title}._ {model.purpose}{stored} "
        f"[SQL](../warehouse/models/{model.name}.sql)\n\n"
        f"{rows(('column', 'type', 'what it says', 'example'), body)}"
    )


def diagram() -> str:
    """The joins as a Mermaid entity-relationship diagram: of each table its key and the columns that join."""
    lines = ["erDiagram", "    direction LR"]
    marked: dict[str, dict[str, set[str]]] = {}
    for join in JOINS:
        on = [(left, right) for left, right in join.on if left != "month"]
        label = ", ".join(left if left == right else f"{left} = {right}" for left, right in on)
        lines.append(f'    {join.left} {join.ends} {join.right} : "{label}"')
        for table in (join.left, join.right):
            key = contracts.TABLES[table].primary_key()
            marked.setdefault(table, {name: {"PK"} for name in key})
        for left, right in on:
            for table, column in ((join.left, left), (join.right, right)):
                marked[table].setdefault(column, set()).update({"FK"} if table == join.refers else ())
    for table, columns in marked.items():
        kinds = shown.columns(table)
        rows = (
            f"        {kinds[name]} {name} {', '.join(sorted(marks, reverse=True))}" for name, marks in columns.items()
        )
        lines += [f"    {table} {{", *map(str.rstrip, rows), "    }"]
    return "\n".join(lines) + "\n"


HEAD: Final = """\
# Tables

What the warehouse holds. In the DuckDB file the tables are in schema `main` and the reports in schema `reports`; every
table, view and column carries the same description there as a comment (`SELECT column_name, comment FROM
duckdb_columns() WHERE table_name = 'posts'`; `duckdb_tables()` and `duckdb_views()` say what each holds). The Parquet
files, below `lake/` of the warehouse, hold the same rows; there `month` is in the folder's name only. How to open
either: [opening.md](opening.md). Questions with their SQL: [sql.md](sql.md).

A key's columns are **bold**. Times are UTC; `published_on` is the site's local date. Examples are from the bundled
sample, an invented archive. This page is generated: `make docs`.
"""

JOINS_HEAD: Final = """\
## How they join

`path` alone finds a post; `month` beside it lets DuckDB and Parquet readers skip the other months. So
`JOIN posts USING (month, path)` is the usual join. The columns that name a canonical term, an entity or another post
may be null: use a `LEFT JOIN` to keep those rows.
"""


REPORTS_HEAD: Final = """\
## Reports

In schema `reports`. Where nothing else is said, posts are published posts: neither hidden nor future ones, nor drafts.
"""


def page(tables: Mapping[str, Seen], models: Iterable[queries.Query]) -> str:
    """The whole dictionary.

    Args:
        tables: what a database shows of each table, and of each report as `reports.<name>`.
        models: the reports.
    """
    models = list(models)
    parts = [HEAD]
    parts.append(
        rows(
            ("table", "what it holds"),
            [(f"[{table}](#{table})", cell(contracts.description(table))) for table in SHOWN_TABLES],
        )
    )
    parts.append(
        rows(
            ("report", "what it answers"),
            [(f"[{model.name}](#reports{model.name})", cell(model.purpose)) for model in models],
        )
    )
    parts.append(f"{JOINS_HEAD}\n```mermaid\n{diagram()}```\n")
    for title, about, group in GROUPS:
        parts.append(f"## {title}\n\n{about}\n")
        parts += [_table(table, tables[table]) for table in group if table in SHOWN_TABLES]
    parts.append(f"## Search\n\n`FROM search('words')`: {search.DESCRIPTION[0].lower()}{search.DESCRIPTION[1:]}.\n")
    parts.append(REPORTS_HEAD)
    parts += [_report(model, tables[f"reports.{model.name}"]) for model in models]
    parts.append(INTERNAL_HEAD)
    parts += [_table(table, tables[table]) for table in shown.INTERNAL]
    return "\n".join(parts)
