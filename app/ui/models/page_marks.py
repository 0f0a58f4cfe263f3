"""Pages that do not go into the dossier, or may not belong there, and what is said of them (dấu trang)."""

from PySide6.QtCore import QCoreApplication

from app.domain.page import Page, PageRole

BLANK = "blank"  # nothing was found on it
NOTE = "note"  # it shows a note; the next image is the same page without it
TWICE = "twice"  # it looks like the page before: the sheet was fed again


def is_blank(page: Page) -> bool:
    """True for paper on which nothing was found."""
    return page.role is PageRole.PAPER and BLANK in page.flags


def is_twice(page: Page) -> bool:
    """True for paper with something on it that was probably scanned before."""
    return page.role is PageRole.PAPER and TWICE in page.flags and BLANK not in page.flags


def is_doubtful(page: Page) -> bool:
    """True for paper that may not belong into the dossier."""
    return is_blank(page) or is_twice(page)


def mark_of(page: Page) -> str:
    """The mark in words; empty for a page that goes into the dossier."""
    if page.role is PageRole.SEPARATOR:
        return QCoreApplication.translate("PageMarks", "Ngoài hồ sơ")
    if is_blank(page):
        return QCoreApplication.translate("PageMarks", "Trang trắng?")
    if is_twice(page):
        return QCoreApplication.translate("PageMarks", "Quét hai lần?")
    if NOTE in page.flags:
        return QCoreApplication.translate("PageMarks", "Có giấy nhớ")
    return ""
