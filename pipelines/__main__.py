"""`python -m pipelines` is `backfile`."""

from pipelines.cli import main

main(prog_name="backfile")
