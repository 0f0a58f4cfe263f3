"""State machines: every legal move is possible, every other one is refused."""

from enum import StrEnum

import pytest

from app.domain.moves import IllegalMoveError, Moves
from app.domain.states import (
    ARCHIVING_MOVES,
    BUSINESS_MOVES,
    DIGITISATION_MOVES,
    SYNCHRONISATION_MOVES,
    Archiving,
    Business,
    Digitisation,
    Synchronisation,
)

MACHINES = [
    (BUSINESS_MOVES, Business),
    (DIGITISATION_MOVES, Digitisation),
    (SYNCHRONISATION_MOVES, Synchronisation),
    (ARCHIVING_MOVES, Archiving),
]


@pytest.mark.parametrize(("moves", "states"), MACHINES)
def test_only_the_legal_moves_are_possible(moves: Moves[StrEnum], states: type[StrEnum]) -> None:
    for current in states:
        for wanted in states:
            if wanted == current or wanted in moves.allowed(current):
                assert moves.check(current, wanted) is wanted
            else:
                with pytest.raises(IllegalMoveError):
                    moves.check(current, wanted)


@pytest.mark.parametrize(("moves", "states"), MACHINES)
def test_every_state_can_be_reached_from_the_first(moves: Moves[StrEnum], states: type[StrEnum]) -> None:
    first = next(iter(states))
    reached, frontier = {first}, [first]
    while frontier:
        new = moves.allowed(frontier.pop()) - reached
        reached |= new
        frontier.extend(new)
    assert reached == set(states)


def test_only_a_rejection_leads_back_from_a_seal() -> None:
    assert DIGITISATION_MOVES.allowed(Digitisation.SIGNED) == {Digitisation.SEALED}
    assert DIGITISATION_MOVES.allowed(Digitisation.SEALED) == {Digitisation.CAPTURING}
    assert SYNCHRONISATION_MOVES.allowed(Synchronisation.DELIVERED) == {Synchronisation.REJECTED}


def test_a_table_that_forgets_a_state_is_refused() -> None:
    with pytest.raises(ValueError, match="without a row"):
        Moves({Archiving.DUE: frozenset({Archiving.HANDED_OVER})})
