"""How every operation grows with what there is: measured, fitted, and led on beyond this machine.

`python -m bench.scale` measures; the sizes and their limits stand in `bench/targets.toml`.
"""
