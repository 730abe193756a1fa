"""A quick guard of what operations cost: nothing here is a time, so it holds on any machine.

An operation runs at three sizes, each twice the one before, while something is counted that is the
same at every run: bytecodes, steps of SQLite's machine, lines drawn, bytes, instructions. How the
counts grow is held to wide bounds. The benchmarks in bench/ say how fast it is.
"""
