"""Contracts: declared once, and a frame that breaks one is told all that is wrong."""

import polars as pl
import pytest

from tests.tables import table
from warehouse import contracts

each_table = pytest.mark.parametrize("name", list(contracts.TABLES))


@each_table
def test_every_table_and_column_is_described(name: str) -> None:
    columns = contracts.TABLES[name].columns()
    assert contracts.description(name)
    assert [column for column, declared in columns.items() if not declared.description] == []


@each_table
def test_every_table_has_a_key(name: str) -> None:
    assert contracts.TABLES[name].primary_key()


@each_table
def test_no_rule_of_dataframely_is_left_out(name: str) -> None:
    assert len(contracts._kept(name)) == len(contracts.TABLES[name]._validation_rules(with_cast=False))


@each_table
def test_an_empty_frame_keeps_the_contract(name: str) -> None:
    assert contracts.check(name, contracts.empty(name)).is_empty()


def test_columns_come_back_in_the_contracts_order() -> None:
    frame = table("post_sources", {})
    assert contracts.check("post_sources", frame.select(reversed(frame.columns))).columns == frame.columns


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(
            pl.col("month").replace("2022-04", "2022-13"), "column month breaks the rule regex in 1 row", id="regex"
        ),
        pytest.param(pl.lit(None, pl.String).alias("outcome"), "column outcome breaks the rule nullability", id="null"),
        pytest.param(pl.lit("lost").alias("outcome"), "column outcome breaks the rule check__one_of", id="one-of"),
        pytest.param(pl.lit(-1, pl.Int64).alias("size_bytes"), "column size_bytes breaks the rule min", id="min"),
        pytest.param(
            pl.lit("1").alias("size_bytes"), "column size_bytes is String, the contract says Int64", id="type"
        ),
        pytest.param(pl.lit(1).alias("more"), "column more is not in the contract", id="surplus"),
    ],
)
def test_a_broken_rule_names_table_column_and_rule(broken: pl.Expr, told: str) -> None:
    with pytest.raises(contracts.ContractError, match=r"^table files breaks its contract: ") as error:
        contracts.check("files", table("files", {}).with_columns(broken))
    assert told in str(error.value)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(contracts.ContractError, match="column detail is missing"):
        contracts.check("files", table("files", {}).drop("detail"))


def test_the_first_broken_rows_are_shown() -> None:
    twice = pl.concat([table("files", {"path": "a"})] * 2)
    with pytest.raises(
        contracts.ContractError, match=r"key \(path\) breaks the rule primary_key in 2 rows, first: \[\{'path': 'a'\}"
    ):
        contracts.check("files", twice)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    broken = table("files", {}).with_columns(outcome=pl.lit("lost"), size_bytes=pl.lit(-1, pl.Int64))
    with pytest.raises(contracts.ContractError) as error:
        contracts.check("files", broken)
    assert "outcome" in str(error.value)
    assert "size_bytes" in str(error.value)
