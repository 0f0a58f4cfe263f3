"""How a Vietnamese syllable is built (cấu tạo âm tiết): onset, rime, one tone.

Facts of the spelling in use (Quyết định 240/QĐ 1984 and the school grammar): ngh, gh and k stand before e, ê
and i only, a rime that ends in a stop bears the acute or the dot, the tone mark stands on the vowel.
"""

import functools
import unicodedata

TONES = "\u0300\u0301\u0309\u0303\u0323"
"""Grave, acute, hook, tilde, dot below (huyền, sắc, hỏi, ngã, nặng)."""

_ACUTE, _DOT = "\u0301", "\u0323"
_BEFORE_FRONT = frozenset({"ngh", "gh", "k"})
_BEFORE_BACK = frozenset({"ng", "g", "c"})
_ONSETS = (
    *("ngh", "ng", "nh", "gh", "gi", "kh", "ph", "qu", "th", "tr", "ch"),
    *("b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x"),
)
_RIMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay
    oăc oăm oăn oăng oăt oe oen oeo oet ooc oong
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uơ uy uya uych uynh uyt uyên uyêt uyu uyn
    uôc uôi uôm uôn uông uôt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y yêm yên yêng yêt yêu ynh yt ych yu yp
    """.split()  # noqa: SIM905 - a table is read better than a list of quoted words
)
_STOPS = ("c", "ch", "p", "t")
_ALONE_Y = frozenset({"y", "yêm", "yên", "yêng", "yêt", "yêu"})
_LONG_Y = frozenset({"h", "k", "l", "m", "s", "t", "v", "qu"})
_FRONT = "eêiy"
_VOWELS = "aăâeêioôơuưy"


def untoned(text: str) -> tuple[str, str]:
    """(`text` in NFC without tone marks, those marks); ă, â, ê, ô, ơ, ư and đ stay."""
    taken = unicodedata.normalize("NFD", text)
    tones = "".join(mark for mark in taken if mark in TONES)
    return unicodedata.normalize("NFC", "".join(mark for mark in taken if mark not in TONES)), tones


@functools.lru_cache(maxsize=20_000)
def is_syllable(text: str) -> bool:
    """Whether `text`, in any case, is spelled as a Vietnamese syllable may be; `text` in NFC."""
    lower = text.lower()
    bare, tones = untoned(lower)
    if len(tones) > 1 or len(bare) != len(lower):
        return False
    place = next((at for at, letter in enumerate(lower) if untoned(letter)[1]), None)
    for onset in ("", *_ONSETS):
        if bare.startswith(onset) and _fits(onset, bare[len(onset) :], tones):
            rime = bare[len(onset) :]
            if place is None or place - len(onset) in _tone_places(rime):
                return True
    return False


def _tone_places(rime: str) -> frozenset[int]:
    """Where in a rime the tone mark may stand, in the older and the newer style."""
    vowels = [at for at, letter in enumerate(rime) if letter in _VOWELS]
    marked = [at for at in vowels if rime[at] in "êơâăôư"]
    if marked:
        return frozenset({marked[-1] if rime[marked[0] :].startswith("ươ") else marked[0]})
    if len(vowels) == 3 or (len(vowels) == 2 and vowels[-1] < len(rime) - 1):
        return frozenset({vowels[1]})
    return frozenset(vowels if rime in ("oa", "oe", "uy") else vowels[:1])


def _fits(onset: str, rime: str, tone: str) -> bool:
    if onset == "g" and rime[:1] == "i":  # gì, gìn, giêng: the i belongs to both
        return rime in _RIMES and _tone_fits(rime, tone)
    if rime not in _RIMES:
        return False
    front = rime[0] in _FRONT
    if (onset in _BEFORE_FRONT and not front) or (onset in _BEFORE_BACK and front):
        return False
    if rime[0] == "y" and not (rime in _ALONE_Y if not onset else onset in _LONG_Y):
        return False
    return _tone_fits(rime, tone)


def _tone_fits(rime: str, tone: str) -> bool:
    return not rime.endswith(_STOPS) or tone in (_ACUTE, _DOT)
