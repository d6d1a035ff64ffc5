"""How words of a file or a person are compared. Pure."""

import unicodedata


def folded(text: str) -> str:
    """Lower case, without accents, plain apostrophes, single spaces."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
