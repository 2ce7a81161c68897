"""The commands of `backfile`, a module each, and what they share: options, errors, the Dagster instance.

Nothing heavy is imported before a command runs: worker processes import the script again, and `--help` is to be quick.
"""
