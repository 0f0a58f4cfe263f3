"""Languages of the window: Vietnamese is in the sources, English in a translation (ngôn ngữ).

Qt itself ships no Vietnamese: `qt_vi` has the words of its own buttons and menus. It is compiled
like any translation, because Qt asks translators on decoding threads too, while it holds a lock;
a translator written in Python would then wait for the interpreter and stop the window for ever.
"""

from PySide6.QtCore import QCoreApplication, QTranslator

import resources

_FILES = {"vi": "qt_vi.qm", "en": "en.qm"}


def install(app: QCoreApplication, language: str) -> QTranslator:
    """Sets the language of the window, `vi` or `en`; any other is Vietnamese.

    Raises FileNotFoundError when the program was installed without its translations.
    """
    translator = QTranslator(app)
    translator.load(str(resources.path("translations", _FILES.get(language, _FILES["vi"]))))
    app.installTranslator(translator)
    return translator
