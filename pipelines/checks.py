"""How audits become asset checks: each file of `warehouse/checks` is one check of the asset `warehouse`."""

from collections.abc import Iterator
from typing import Final

import dagster as dg

from pipelines.assets import told
from warehouse import audits as runs
from warehouse import queries
from warehouse.audits import Finding


def _spec(audit: queries.Query) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        audit.name,
        asset="warehouse",
        description=audit.header["description"],
        blocking=audit.header["severity"] == "error",
    )


def _result(finding: Finding) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if finding.severity == "error" else dg.AssetCheckSeverity.WARN
    first = [dg.TableRecord({name: str(value) for name, value in row.items()}) for row in finding.first]
    metadata: dict[str, dg.MetadataValue] = {
        "value": dg.MetadataValue.float(finding.value),
        "threshold": dg.MetadataValue.float(finding.threshold),
        "rows": dg.MetadataValue.int(finding.rows),
    }
    if first:
        schema = dg.TableSchema([dg.TableColumn(name) for name in finding.first[0]])
        metadata["first rows"] = dg.MetadataValue.table(first, schema=schema)
    return dg.AssetCheckResult(
        asset_key="warehouse",
        check_name=finding.name,
        passed=finding.passed,
        severity=severity,
        metadata=metadata,
        description=finding.description,
    )


@dg.multi_asset_check(
    name="audits",
    description="Runs every audit on the staged build, before anybody sees it",
    specs=[_spec(audit) for audit in queries.audits()],
    required_resource_keys={"build"},
)
def audits(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    with told(context) as running:
        running.findings = runs.run(running.build.folder, running.settings.thresholds, running.accepted)
    for finding in running.findings:
        yield _result(finding)


CHECKS: Final = [audits]
