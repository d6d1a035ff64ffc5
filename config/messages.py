"""The message catalogues."""


def main(*, check: bool) -> int:
    return 0
