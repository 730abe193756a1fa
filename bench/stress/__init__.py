"""Every component, and the node as a whole, under more load than they are made for.

`python -m bench.stress` measures; what its rows are to reach stands in `bench/targets.toml`.
"""
