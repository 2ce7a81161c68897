"""The tables and their keeping: contracts, lake, database, publishing. Never imports `pipelines`.

From Python, `open_warehouse` opens what is published; docs/opening.md shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.door import Warehouse, open_warehouse
    from warehouse.manifest import WarehouseError

__all__ = ["Warehouse", "WarehouseError", "open_warehouse"]


def __getattr__(name: str) -> Any:
    """Import the door when it is used: the package itself stays quick to import."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from warehouse import door  # noqa: PLC0415  as above

    return getattr(door, name)
