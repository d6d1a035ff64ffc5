"""How sure a rate is."""

from math import sqrt

Z95 = 1.959964  # two-sided 95 %


def wilson(converted: int, reached: int, *, z: float = Z95) -> tuple[float, float] | None:
    """The score interval (low, high) of converted/reached, both within [0, 1]; None when nobody was reached.

    Wilson (1927), as tabulated by Newcombe, Statistics in Medicine 17 (1998), Table I, method 3. It stays honest for
    small counts and rates near 0, where the textbook interval p ± 1.96·sqrt(p(1−p)/n) covers far less than it says.
    """
    if not 0 <= converted <= reached:
        raise ValueError(f"converted must lie between 0 and reached, not {converted} of {reached}")
    if reached == 0:
        return None
    rate, pull = converted / reached, z * z / reached
    centre = (rate + pull / 2) / (1 + pull)
    half = z / (1 + pull) * sqrt(rate * (1 - rate) / reached + pull / (4 * reached))
    # the formula gives these two exactly; floating point only nearly
    return (0.0 if converted == 0 else centre - half, 1.0 if converted == reached else centre + half)
