"""How audits become asset checks: each file of `warehouse/checks` is one check of the asset `warehouse`.

What belongs elsewhere: what an audit looks for (its file), when audits run (`assets`).
"""

from typing import Any, Final

import dagster as dg

from warehouse import queries
from warehouse.audits import Finding

ASSET: Final = dg.AssetKey("warehouse")


def _spec(audit: queries.Query) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        audit.name,
        asset=ASSET,
        description=audit.header["description"],
        blocking=audit.header["severity"] == "error",
    )


SPECS: Final = [_spec(audit) for audit in queries.audits()]


def result(finding: Finding) -> dg.AssetCheckResult:
    """What the step that audits says of one audit."""
    return dg.AssetCheckResult(check_name=finding.name, **_said(finding))


def evaluation(finding: Finding) -> dg.AssetCheckEvaluation:
    """The same as an event, for a step that is not that one."""
    return dg.AssetCheckEvaluation(check_name=finding.name, **_said(finding))


def _said(finding: Finding) -> dict[str, Any]:
    first = [dg.TableRecord({name: str(value) for name, value in row.items()}) for row in finding.first]
    metadata: dict[str, dg.MetadataValue] = {
        "value": dg.MetadataValue.float(finding.value),
        "threshold": dg.MetadataValue.float(finding.threshold),
        "rows": dg.MetadataValue.int(finding.rows),
    }
    if first:
        schema = dg.TableSchema([dg.TableColumn(name) for name in finding.first[0]])
        metadata["first rows"] = dg.MetadataValue.table(first, schema=schema)
    return {
        "asset_key": ASSET,
        "passed": finding.passed,
        "severity": dg.AssetCheckSeverity.ERROR if finding.severity == "error" else dg.AssetCheckSeverity.WARN,
        "metadata": metadata,
        "description": finding.description,
    }
