"""What can be wrong with a broker's folder."""


class BrokerProblem(Exception):  # noqa: N818 - a state of affairs, which the text says how to mend
    """A broker's folder cannot be made, read or changed so; the text says why and what to do."""
