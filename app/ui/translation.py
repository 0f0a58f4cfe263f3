"""Languages of the window: Vietnamese is in the sources, English in `en.qm`, Qt's own words here (ngôn ngữ)."""

from PySide6.QtCore import QCoreApplication, QTranslator

import resources

# Qt ships no Vietnamese. These are the texts of its own buttons and menus that this window can show.
_QT_IN_VIETNAMESE = {
    "OK": "Đồng ý",
    "&OK": "Đồ&ng ý",
    "Cancel": "Hủy",
    "&Cancel": "&Hủy",
    "Close": "Đóng",
    "&Close": "Đó&ng",
    "Yes": "Có",
    "&Yes": "&Có",
    "No": "Không",
    "&No": "&Không",
    "Apply": "Áp dụng",
    "Save": "Lưu",
    "&Save": "&Lưu",
    "Open": "Mở",
    "Discard": "Bỏ",
    "Retry": "Thử lại",
    "Ignore": "Bỏ qua",
    "Abort": "Dừng",
    "Help": "Trợ giúp",
    "Reset": "Đặt lại",
    "Show Details...": "Xem chi tiết…",
    "Hide Details...": "Ẩn chi tiết…",
    "&Undo": "&Hoàn tác",
    "&Redo": "&Làm lại",
    "Cu&t": "Cắ&t",
    "&Copy": "&Sao chép",
    "Copy": "Sao chép",
    "&Paste": "&Dán",
    "Paste": "Dán",
    "Delete": "Xóa",
    "Select All": "Chọn tất cả",
    "&Select All": "Chọn tất &cả",
    "Copy &Link Location": "Sao chép &liên kết",
}
_QT_CONTEXTS = frozenset(
    {
        "QPlatformTheme",
        "QDialogButtonBox",
        "QMessageBox",
        "QLineEdit",
        "QWidgetTextControl",
        "QAbstractSpinBox",
        "QGnomeTheme",
    }
)


class QtWordsInVietnamese(QTranslator):
    """Translates the words of Qt's own buttons and menus; None for all others leaves them to the sources."""

    def translate(
        self,
        context: str,
        sourceText: str,  # noqa: N803 - Qt's name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str | None:  # type: ignore[override]  # the stubs know no null text
        """The Vietnamese text, or None when `sourceText` is not one of Qt's words."""
        del disambiguation, n
        return _QT_IN_VIETNAMESE.get(sourceText) if context in _QT_CONTEXTS else None

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        """False: Qt asks translators that have words only."""
        return False


def install(app: QCoreApplication, language: str) -> None:
    """Sets the language of the window: `vi`, or `en` from the compiled translation.

    Raises FileNotFoundError when the program was installed without its translation.
    """
    translator = QTranslator(app)
    if language == "en":
        translator.load(str(resources.path("translations", "en.qm")))
    else:
        translator = QtWordsInVietnamese(app)
    app.installTranslator(translator)
