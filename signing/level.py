"""How long a signature can be checked: the four baseline levels of PAdES (mức chữ ký)."""

from enum import StrEnum


class Level(StrEnum):
    """ETSI EN 319 142-1 §6.1. Each level holds what the one before it holds."""

    B_B = "B-B"
    """The signature alone: it proves who and what, not when."""
    B_T = "B-T"
    """A time stamp proves that the signature existed at a time."""
    B_LT = "B-LT"
    """The file carries the certificates and the revocation data that its check needs."""
    B_LTA = "B-LTA"
    """A time stamp over all of it keeps the proof alive when certificates expire."""

    @property
    def stamped(self) -> bool:
        """Whether a time stamp belongs to it."""
        return self is not Level.B_B

    @property
    def long_term(self) -> bool:
        """Whether validation data belongs to it."""
        return self in {Level.B_LT, Level.B_LTA}

    @property
    def rank(self) -> int:
        """0 for B-B up to 3 for B-LTA."""
        return list(Level).index(self)
