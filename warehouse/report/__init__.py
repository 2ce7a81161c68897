"""The static report of a build: one page, self-contained, made from the staged database alone.

What is asked of the archive stands in `models/*.sql`; here is only how answers are shown.
"""

from warehouse.report.page import write
from warehouse.report.results import Result, results

__all__ = ["Result", "results", "write"]
