"""Adapters: agents built with a framework have their tool calls judged by Assent.

Each module needs its framework and nothing else beyond this package. In all of them a call runs
only with an allow that was claimed; an error on the way, whatever it is, denies that call.
"""
