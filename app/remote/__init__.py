"""Consoles elsewhere: commands signed by operators, answers signed by the node, over any transport.

The transport is trusted with nothing but delivery: it may lose, repeat, delay or change messages,
and can thereby show an operator nothing that the node did not say, and do nothing that an operator
did not sign.
"""
