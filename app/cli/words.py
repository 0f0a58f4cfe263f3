"""The words of the command line in the clerk's language (từ ngữ dòng lệnh)."""

from collections.abc import Mapping
from functools import cache

from app import messages
from app.domain.errors import StationError
from app.settings import load


@cache
def language() -> str:
    """The interface language in force; Vietnamese when the settings cannot be read."""
    try:
        return load().language
    except StationError:
        return "vi"


def tell_finding(code: str, facts: Mapping[str, object]) -> str:
    """What was noticed, in the interface language."""
    return messages.tell_finding(code, facts, language())


def say(key: str, **facts: object) -> str:
    """The sentence `key` in the interface language, its facts filled in."""
    return messages.say(key, language(), **facts)
