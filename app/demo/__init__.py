"""Four agents that do real work in a sandbox, now and then badly, so that there is work to watch.

Everything they can do is harmless even when a person approves it: see `sandbox` and the tools.
"""
