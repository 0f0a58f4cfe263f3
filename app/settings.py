"""Settings: one declared list of options, read from the clerk's file and the administrator's (cấu hình).

Layers, later ones win: defaults, the clerk's TOML file, the administrator's TOML file. What the
administrator sets is locked. `SOHOA_SETTINGS` and `SOHOA_ADMIN_SETTINGS` name other files.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs
import tomli_w

from app.domain.errors import StationError, StationFault
from app.domain.sending import PATTERN, parse_caps

_ADMIN_FILE = Path("/etc/sohoa/settings.toml")


def _option(name: str, default: str | int, doc: str, *, fits: str | range = ".*") -> Any:
    """An option with its default; `fits` is an expression for the whole text, or the numbers allowed."""
    return field(default=default, metadata={"name": name, "doc": doc, "fits": fits})


@dataclass(frozen=True)
class Settings:
    """Every option with its default; names in the files are `[table] key`."""

    language: str = _option("interface.language", "vi", "Ngôn ngữ giao diện: vi hoặc en", fits="vi|en")
    data_folder: str = _option(
        "station.data_folder",
        "",
        "Thư mục dữ liệu, đường dẫn đầy đủ; trống là mặc định của hệ thống",
        fits=r"|[~/].*|[A-Za-z]:.*",
    )
    station: str = _option(
        "station.id", "QUAY1", "Mã trạm, chữ và số, không quá 16 ký tự", fits="[0-9A-Za-z]{1,16}"
    )
    agency_code: str = _option(
        "station.agency_code",
        "H18.19",
        "Mã định danh cơ quan, QĐ 20/2020/QĐ-TTg",
        fits=r"(?=.{3,35}$)[A-Y]\d{2}(\.[0-9A-Z]+)*",
    )
    agency_name: str = _option("station.agency_name", "", "Tên cơ quan hiện trên chữ ký “sao y”")
    clerk: str = _option("station.clerk", "", "Họ và tên cán bộ tiếp nhận")
    scanner: str = _option("scanner.device", "", "Máy quét dùng tại quầy; trống là máy tìm thấy đầu tiên")
    profile: str = _option("scanner.profile", "giay-to-a4", "Cấu hình quét dùng khi thủ tục không đòi riêng")
    network_scanners: str = _option(
        "scanner.network",
        "",
        "Máy quét mạng không tự báo: tên = địa chỉ, cách nhau bằng dấu chấm phẩy",
        fits=r"|\s*[^=;]+=[^=;]+(;[^=;]+=[^=;]+)*;?\s*",
    )
    shared_scanners: str = _option(
        "scanner.shared",
        "",
        "Máy tính chia sẻ máy quét bằng saned: tên máy hoặc địa chỉ, cách nhau bằng dấu chấm phẩy",
        fits=r"[0-9A-Za-z.:;_\s-]*",
    )
    folder_scanner: str = _option("scanner.folder", "", "Thư mục mà máy đa chức năng đặt ảnh quét vào")
    code_templates: str = _option(
        "codes.templates", "", "Tệp TOML thêm hoặc thay các mẫu mã; trống là các mẫu đi kèm chương trình"
    )
    model: str = _option("reading.model", "auto", "Mô hình nhận dạng của Tesseract")
    pdf_profile: str = _option(
        "reading.profile",
        "archival",
        "Ảnh trong tệp PDF/A: archival như khi quét, compact nền trắng và nhỏ, original giữ nguyên tệp JPEG",
        fits="archival|compact|original",
    )
    readers: int = _option(
        "reading.threads", 0, "Số luồng nhận dạng; 0 là bằng số nhân bộ xử lý", fits=range(65)
    )
    token_module: str = _option("signing.module", "", "Tệp thư viện PKCS#11 của thiết bị ký")
    token_label: str = _option("signing.token", "", "Nhãn của thiết bị ký khi cắm nhiều thiết bị")
    tsa_url: str = _option("signing.tsa", "", "Địa chỉ dịch vụ cấp dấu thời gian (RFC 3161)")
    tsa_wait_s: int = _option(
        "signing.tsa_wait",
        30,
        "Số giây chờ dấu thời gian khi ký tại quầy; quá thời hạn thì ký không có dấu thời gian",
        fits=range(2, 601),
    )
    intake_url: str = _option(
        "intake.url", "", "Địa chỉ máy chủ tiếp nhận của tỉnh; với loại “folder” là đường dẫn thư mục"
    )
    intake_kind: str = _option(
        "intake.kind",
        "intake",
        "Hệ thống nhận: intake (máy chủ tiếp nhận), documents (CV 7197/BKHCN), portal (Cổng DVCQG), folder",
        fits="intake|documents|portal|folder",
    )
    intake_fields: str = _option(
        "intake.fields", "", "Tệp TOML ánh xạ trường của hệ thống nhận; trống là tệp đi kèm chương trình"
    )
    token_url: str = _option("intake.token_url", "", "Địa chỉ cấp mã truy cập (OAuth 2.0 client credentials)")
    client_id: str = _option("intake.client_id", "", "Tên trạm tại địa chỉ cấp mã truy cập")
    client_certificate: str = _option("intake.certificate", "", "Tệp chứng thư TLS của trạm (PEM)")
    client_key: str = _option("intake.key", "", "Tệp khóa riêng của chứng thư TLS (PEM)")
    send_caps: str = _option(
        "sending.caps",
        "",
        "Giới hạn tốc độ gửi theo giờ, KB/giây: 07:30-11:30=64 13:00-17:00=64; 0 là không gửi",
        fits=PATTERN,
    )
    erase_after_days: int = _option(
        "sending.erase_after_days",
        0,
        "Xóa bản sao tại trạm sau bấy nhiêu ngày kể từ khi có biên nhận; 0 là không xóa",
        fits=range(3651),
    )
    locked: frozenset[str] = frozenset()

    def folder(self) -> Path:
        """The data folder: the one set, or the platform's place for this program's data."""
        if self.data_folder:
            return Path(self.data_folder).expanduser()
        return Path(platformdirs.user_data_dir("sohoa", appauthor=False))

    @property
    def training(self) -> bool:
        """True while no province's server is set: the station then works as a training room."""
        return not self.intake_url

    def training_folder(self) -> Path:
        """Where practice dossiers lie, also those of a station that has a province's server."""
        return self.folder() / "training"

    def work_folder(self) -> Path:
        """Where this station's dossiers lie; those of training never lie among real ones."""
        return self.training_folder() if self.training else self.folder()


_OPTIONS = {f.metadata["name"]: f for f in fields(Settings) if f.metadata}


def user_file() -> Path:
    """Where the clerk's settings lie."""
    named = os.environ.get("SOHOA_SETTINGS")
    if named:
        return Path(named)
    return Path(platformdirs.user_config_dir("sohoa", appauthor=False)) / "settings.toml"


def admin_file() -> Path:
    """Where the administrator's settings lie."""
    return Path(os.environ.get("SOHOA_ADMIN_SETTINGS", str(_ADMIN_FILE)))


def load() -> Settings:
    """The settings in force. Raises StationError `station.settings-bad` with file and option."""
    user, admin = _read(user_file()), _read(admin_file())
    merged: dict[str, Any] = {_OPTIONS[name].name: value for name, value in {**user, **admin}.items()}
    if os.environ.get("SOHOA_LANGUAGE") and "interface.language" not in admin:
        merged["language"] = os.environ["SOHOA_LANGUAGE"]
    return Settings(**merged, locked=frozenset(admin))


def change(name: str, value: str | int) -> None:
    """Writes one option to the clerk's file. Raises StationError when it is locked or not an option."""
    if name in _read(admin_file()):
        raise StationError(StationFault.SETTING_LOCKED, option=name)
    current = _read(user_file())
    current[name] = value
    _check(user_file(), current)
    tables: dict[str, dict[str, str | int]] = {}
    for option, chosen in sorted(current.items()):
        table, key = option.split(".", 1)
        tables.setdefault(table, {})[key] = chosen
    file = user_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".part")
    with temporary.open("wb") as target:
        tomli_w.dump(tables, target)
        target.flush()
        os.fsync(target.fileno())
    temporary.replace(file)


def _read(file: Path) -> dict[str, str | int]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line \d+", str(error))
        place = where[0].replace("line", "dòng") if where else "–"
        raise StationError(StationFault.SETTINGS_BAD, file=file.name, option=place) from error
    except (OSError, UnicodeDecodeError) as error:
        raise StationError(StationFault.SETTINGS_BAD, file=file.name, option="–") from error
    flat = {
        f"{table}.{key}": value
        for table, content in tables.items()
        for key, value in (content.items() if isinstance(content, Mapping) else [("", content)])
    }
    _check(file, flat)
    return flat


def _check(file: Path, flat: Mapping[str, object]) -> None:
    for name, value in flat.items():
        option = _OPTIONS.get(name)
        if option is None or type(value) is not type(option.default) or not _fits(option, value):
            raise StationError(StationFault.SETTINGS_BAD, file=file.name, option=name)


def _fits(option: Field[Any], value: Any) -> bool:
    fits = option.metadata["fits"]
    if option.name == "send_caps":
        return re.fullmatch(fits, str(value)) is not None and _are_caps(str(value))
    if isinstance(fits, range):
        return value in fits
    return re.fullmatch(fits, str(value)) is not None


def _are_caps(text: str) -> bool:
    try:
        parse_caps(text)
    except ValueError:
        return False
    return True
