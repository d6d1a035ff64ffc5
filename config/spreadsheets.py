"""What we write into files that people open in a spreadsheet."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute instead of show


def guarded(cell: object) -> object:
    """A text that a spreadsheet would run as a formula is made a text again, by an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
