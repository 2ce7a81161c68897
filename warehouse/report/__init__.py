"""The static report of a build: pages that open from disk, made from the staged database alone.

What is asked of the archive stands in `models/*.sql`; here is only how answers are shown.
"""

from warehouse.report import charts
from warehouse.report.overview import picture
from warehouse.report.page import language_of, write
from warehouse.report.results import Result, results

__all__ = ["Result", "charts", "language_of", "picture", "results", "write"]
