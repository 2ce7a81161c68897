"""How audits become asset checks: each file of `warehouse/checks` is one check of the asset `warehouse`.

What belongs elsewhere: what an audit looks for (its file), when audits run (`assets`).
"""

from typing import Any, Final, NamedTuple

import dagster as dg

from warehouse import audits, queries
from warehouse.audits import Finding

ASSET: Final = dg.AssetKey("warehouse")
EXAMPLES: Final = "examples"
"""Metadata: paths, urls or terms that the failed audit is about."""


class Warned(NamedTuple):
    """An audit that failed without stopping the build."""

    audit: str
    message: str
    value: float
    threshold: float
    examples: list[str]


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


def warned(check: dg.AssetCheckEvaluation) -> Warned:
    """Return what the event of a failed audit says."""
    value, threshold = (float(str(check.metadata[name].value)) for name in ("value", "threshold"))
    examples = check.metadata[EXAMPLES].value
    shown = examples if isinstance(examples, list) else []
    return Warned(check.check_name, check.description or "", value, threshold, shown)


def refuses(finding: Finding) -> bool:
    """Return whether the finding keeps the build from being published."""
    return finding.severity == "error" and not finding.passed


def refusal(finding: Finding) -> str:
    """Return one line: the audit, by how much it failed, and the way out where there is one."""
    said = f"the audit {finding.name} failed: {finding.message}"
    if finding.name in audits.acceptable():
        said += f"; where this is meant, build once with --accept {finding.name}"
    return said


def _way_out(name: str) -> str:
    """Return what to do about an audit that keeps the build from being published."""
    if name not in audits.acceptable():
        return "See the first rows: the tables contradict each other, which no option lets pass."
    return (
        f"Where this is meant, build once with backfile build --accept {name}, or in the job's Launchpad with "
        f"resources: {{build: {{config: {{accept: [{name}]}}}}}}. For good: another threshold, thresholds in "
        "docs/options.md."
    )


def _said(finding: Finding) -> dict[str, Any]:
    first = [dg.TableRecord({name: str(value) for name, value in row.items()}) for row in finding.first]
    metadata: dict[str, dg.MetadataValue] = {
        "value": dg.MetadataValue.float(finding.value),
        "threshold": dg.MetadataValue.float(finding.threshold),
        "rows": dg.MetadataValue.int(finding.rows),
    }
    if not finding.passed:
        metadata[EXAMPLES] = dg.MetadataValue.json(finding.examples)
    if refuses(finding):
        metadata["what to do"] = dg.MetadataValue.text(_way_out(finding.name))
    if first:
        schema = dg.TableSchema([dg.TableColumn(name) for name in finding.first[0]])
        metadata["first rows"] = dg.MetadataValue.table(first, schema=schema)
    return {
        "asset_key": ASSET,
        "passed": finding.passed,
        "severity": dg.AssetCheckSeverity.ERROR if finding.severity == "error" else dg.AssetCheckSeverity.WARN,
        "metadata": metadata,
        "description": finding.description if finding.passed else finding.message,
    }
