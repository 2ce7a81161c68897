"""Ordeals: real processes, real faults. Each tries one promise of docs/guarantees.md.

An ordeal is a function of a folder, a seed and a count, and returns what it did in numbers. `make test` runs a small
form of each, `make ordeal` the full counts (`python -m tests.ordeal [name…] --seed N --count N`).
"""
