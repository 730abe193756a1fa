"""How good the screens are on recorded data: `python -m bench.quality` prints one table.

Rows go through `assent screen` as users would send them. Every figure stands beside its false
alarms, a naive baseline on the same rows, and a 95% interval over groups of rows that share text.
"""
