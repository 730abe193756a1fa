"""Ours beside what others have made for a like purpose, in turns, in one run.

Each comparison says what the other does besides, and what ours does. None of these libraries is
needed by the program: where one is not installed, its comparison is skipped.
"""
