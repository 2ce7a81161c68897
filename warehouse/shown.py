"""Tables as people see them in the database: their columns, with types and descriptions.

What belongs elsewhere: what a table is (`contracts`), making the database (`database`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from warehouse import contracts

SOURCE_COLUMNS: Final = ("publisher", "source_url", "source_id", "text_hash")
TERM_VIEWS: Final = {
    "post_categories": ("category_key", "category_keys", "category_id"),
    "post_tags": ("tag_key", "tag_keys", "tag_id"),
}

TARGET_COLUMNS: Final = {
    "target_path": "path of the site's post that the link leads to; null where it leads to none",
    "target_url": "url of that post",
}
INTERNAL: Final = ("post_links_raw", "near_signatures")
"""Tables that other tables are made from. The database has them in schema `stored`: no report asks them."""
EXCERPT: Final = {"excerpt": "Jekyll's excerpt: the start of the text, or the front matter's as written there"}

_TYPES: Final[Mapping[pl.DataType, str]] = {
    pl.String(): "VARCHAR",
    pl.Int32(): "INTEGER",
    pl.Int64(): "BIGINT",
    pl.Float64(): "DOUBLE",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
    pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
    pl.List(pl.String()): "VARCHAR[]",
    pl.Binary(): "BLOB",
}


def sql_type(dtype: pl.DataType) -> str:
    """DuckDB's type for a contract's."""
    return _TYPES[dtype]


def full_name(table: str) -> str:
    """Return the table's name in the database, with its schema unless that is `main`."""
    return f"stored.{table}" if table in INTERNAL else table


def columns(table: str) -> dict[str, str]:
    """Column names and DuckDB types of a table as people see it in the database."""
    shown = {name: sql_type(dtype) for name, dtype in contracts.polars_schema(table).items()}
    if table == "posts":
        sources = contracts.polars_schema("post_sources")
        shown |= {name: sql_type(sources[name]) for name in SOURCE_COLUMNS}
    if table in TERM_VIEWS:
        shown |= {TERM_VIEWS[table][2]: "VARCHAR"}
    if table == "post_links":
        shown |= dict.fromkeys(TARGET_COLUMNS, "VARCHAR")
    if table == "post_bodies":
        shown |= dict.fromkeys(EXCERPT, "VARCHAR")
    return shown


def descriptions(table: str) -> dict[str, str]:
    """Column descriptions of a table as people see it in the database."""
    found = {name: column.description or "" for name, column in contracts.TABLES[table].columns().items()}
    if table == "posts":
        found |= {name: contracts.TABLES["post_sources"].columns()[name].description or "" for name in SOURCE_COLUMNS}
    if table in TERM_VIEWS:
        _, keys, term_id = TERM_VIEWS[table]
        found[term_id] = f"id of the canonical term, by {keys}"
    if table == "post_links":
        found |= TARGET_COLUMNS
    if table == "post_bodies":
        found |= EXCERPT
    return found
