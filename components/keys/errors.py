"""What can be wrong with a key."""


class KeyProblem(Exception):  # noqa: N818 - a state of affairs, which the text says how to mend
    """A key or a keyring cannot be used; the text says why and what to do about it."""


class WrongPassphrase(KeyProblem):
    """A locked key did not open. The text is always the same."""

    def __init__(self) -> None:
        super().__init__("the passphrase is wrong, or the key file was changed")


class Unauthorised(Exception):  # noqa: N818 - the protocol's own word
    """A signature or the key behind it is not accepted. `code` is the protocol's (401)."""

    code = 401
