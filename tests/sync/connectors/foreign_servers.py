"""Foreign systems as their published fields describe them: real HTTP servers that keep what they are given.

`trouble(method, path)` names what happens to a request: "" (it is answered), "lose" (done, the answer lost),
"reset", "busy", "portal", "forbidden", "cut" (half an answer). Both count what they were asked.
"""

import contextlib
import email.parser
import email.policy
import hashlib
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

Trouble = Callable[[str, str], str]


class Foreign:
    """A foreign system on a free port."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, str]] = []
        self.trouble: Trouble = lambda _method, _path: ""
        self.token: str | None = None
        self.guard = threading.Lock()

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        """What the system says, as status and body."""
        raise NotImplementedError

    def count(self, method: str, start: str) -> int:
        """How often it was asked so."""
        return sum(m == method and path.startswith(start) for m, path in self.asked)


def said(status: int, value: object) -> tuple[int, bytes]:
    return status, json.dumps(value, ensure_ascii=False).encode()


# The minimum of CV 7197/BKHCN-CĐSQG: lengths in characters, and what must not be empty.
DOCUMENT_FIELDS = {
    "DocCode": (30, True),
    "TypeName": (100, True),
    "CodeNumber": (11, False),
    "CodeNotation": (30, False),
    "IssuedDate": (10, True),
    "OrganName": (200, True),
    "Subject": (500, True),
    "Language": (100, False),
    "Description": (500, False),
    "InforSign": (30, False),
    "Keyword": (100, False),
    "Mode": (20, False),
    "ConfidenceLevel": (30, False),
    "Format": (50, False),
}


class DocumentService(Foreign):
    """A document service: import, look up, download; one document a code, never another in its place."""

    def __init__(self, *, tells_hashes: bool = True) -> None:
        super().__init__()
        self.documents: dict[str, tuple[dict[str, Any], bytes]] = {}
        self.tells_hashes = tells_hashes

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        if method == "POST" and path == "/api/v1/documents/import":
            return self._take(headers["Content-Type"], body)
        if method == "GET" and path.startswith("/api/v1/documents/download/"):
            found = self.documents.get(unquote(path.rsplit("/", 1)[1]))
            return (200, found[1]) if found else said(404, {"message": "Không tìm thấy tài liệu"})
        found = self.documents.get(unquote(path.removeprefix("/api/v1/documents/")))
        if method != "GET" or not found:
            return said(404, {"message": "Không tìm thấy tài liệu"})
        more = {"sha256": hashlib.sha256(found[1]).hexdigest()} if self.tells_hashes else {}
        return said(200, {**found[0], **more})

    def _take(self, kind: str, body: bytes) -> tuple[int, bytes]:
        parsed = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
            b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body
        )
        parts = {
            str(p.get_param("name", header="content-disposition")): p.get_payload(decode=True)
            for p in parsed.iter_parts()
        }
        fields = json.loads(parts["metadata"])  # type: ignore[arg-type]
        file = bytes(parts["file"])  # type: ignore[arg-type]
        for name, (longest, required) in DOCUMENT_FIELDS.items():
            value = fields.get(name)
            if required and not value:
                return said(400, {"message": f"Thiếu {name}"})
            if value is not None and len(str(value)) > longest:
                return said(400, {"message": f"{name} quá dài"})
        if not re.fullmatch(r"\d{2}/\d{2}/\d{4}", fields["IssuedDate"]) or not file.startswith(b"%PDF"):
            return said(400, {"message": "Sai định dạng"})
        if fields["DocCode"] in self.documents:
            return said(409, {"message": "Mã tài liệu đã có"})
        self.documents[fields["DocCode"]] = (fields, file)
        return said(201, {"DocCode": fields["DocCode"]})


_PAPER = {
    "TepDinhKemId",
    "TenTepDinhKem",
    "IsDeleted",
    "MaThanhPhanHoSo",
    "DuongDanTaiTepTin",
    "DuocSoHoa",
    "DuocTaiSuDung",
    "DuocLayTuKhoDMQG",
    "MaKetQuaThayThe",
}
_FLAGS = {"HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID", "DuocThanhToanTrucTuyen"}


class Portal(Foreign):
    """The national portal with the province's file store: TraCuuHoSo, DongBoHoSoMC, CapNhatTienDoHoSoMC.

    With `login` a session is wanted, as the portal's own adapter wants it; else it stands behind a bus.
    """

    def __init__(self, *, login: tuple[str, str] | None = None) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.dossiers: dict[str, dict[str, Any]] = {}
        self.progress: list[dict[str, Any]] = []
        self.login = login
        self.session = ""
        self.units: set[str] = set()
        self.session_over = False
        self.lags = False  # the look-up does not find what was announced just now

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        if method == "PUT" and path.startswith("/files/"):
            sha256 = path.split("/")[2]
            self.files[sha256] = body
            told = {
                "TepDinhKemId": f"F-{sha256[:8]}",
                "DuongDanTaiTepTin": f"https://kho.example/{sha256}",
                "sha256": hashlib.sha256(body).hexdigest(),
            }
            return said(200, told)
        if method == "POST" and path == "/mapi/login":
            return self._log_in(json.loads(body))
        if method != "POST" or path != "/mapi/g":
            return said(404, {"message": "không có"})
        call = json.loads(body)
        if self.session_over or (self.login and call.get("session") != self.session):
            return said(200, {"error_code": "-1", "message": "Phiên hết hạn"})
        self.units.add(call.get("madonvi", ""))
        if call["service"] == "TraCuuHoSo":
            known = {} if self.lags else self.dossiers
            return said(200, {"result": [known[call["mahoso"]]] if call["mahoso"] in known else []})
        if call["service"] == "CapNhatTienDoHoSoMC":
            return self._move(call["data"])
        assert call["service"] == "DongBoHoSoMC"
        assert call["isUpdating"] in ("True", "False")
        return self._announce(call["data"], updating=call["isUpdating"] == "True")

    def _log_in(self, asked: dict[str, str]) -> tuple[int, bytes]:
        if (asked["username"], asked["password"]) != self.login:
            return said(200, {"error_code": 1, "message": "Sai mật khẩu"})
        self.session = f"phien-{len(self.asked)}"
        return said(200, {"error_code": 0, "session": self.session})

    def _announce(self, records: list[dict[str, Any]], *, updating: bool) -> tuple[int, bytes]:
        for record in records:
            missing = (_FLAGS | {"MaHoSo", "MaTTHC", "ChuHoSo", "TaiLieuNop", "DinhDanhCHS"}) - record.keys()
            papers = record.get("TaiLieuNop", [])
            if missing or not papers or any(paper.keys() != _PAPER for paper in papers):
                return said(200, {"error_code": "9", "message": f"Sai cấu trúc: {sorted(missing)}"})
            if not re.fullmatch(r"\d{14}", record["NgayTiepNhan"]):
                return said(200, {"error_code": "9", "message": "Sai ngày"})
            if any(paper["DuongDanTaiTepTin"].rsplit("/", 1)[1] not in self.files for paper in papers):
                return said(200, {"error_code": "8", "message": "Chưa có tệp"})
            if record["MaHoSo"] in self.dossiers and not updating:
                return said(200, {"error_code": "3", "message": f"Hồ sơ {record['MaHoSo']} đã tồn tại"})
            self.dossiers[record["MaHoSo"]] = record
        return said(200, {"error_code": "00", "message": "Thành công"})

    def _move(self, records: list[dict[str, Any]]) -> tuple[int, bytes]:
        for record in records:
            if record["MaHoSo"] not in self.dossiers:
                return said(200, {"error_code": "7", "message": "Không có hồ sơ"})
            if not record["NguoiXuLy"] or len(record["NguoiXuLy"]) > 50:
                return said(200, {"error_code": "9", "message": "Sai người xử lý"})
            self.progress.append(record)
        return said(200, {"error_code": 0, "message": "Thành công"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    system: Foreign

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        system = self.system
        with system.guard:
            system.asked.append((self.command, self.path))
            trouble = system.trouble(self.command, self.path)
            if trouble == "reset":
                self._hang_up()
                return
            if system.token is not None and self.headers.get("Authorization") != f"Bearer {system.token}":
                self._say(401, b"{}", "application/json")
                return
            if trouble in _STATUSES:
                self._say(*_STATUSES[trouble])
                return
            status, answer = system.answer(self.command, self.path, self.headers, body)
        if trouble == "lose":
            self._hang_up()
            return
        self._say(status, answer, "application/json", cut=trouble == "cut")

    def _say(self, status: int, body: bytes, kind: str, cut: bool = False) -> None:
        self.send_response_only(status)
        self.send_header("Date", self.date_time_string())
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


_STATUSES = {
    "busy": (503, b"<h1>busy</h1>", "text/html"),
    "forbidden": (403, b"{}", "application/json"),
    "portal": (200, b"<html>Please log in to Free Wi-Fi</html>", "text/html"),
}

for _method in ("GET", "POST", "PUT"):
    setattr(_Handler, f"do_{_method}", _Handler._handle)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextlib.contextmanager
def serving(system: Foreign) -> Iterator[Foreign]:
    """Run a system on a free port of loopback."""
    handler = type("Handler", (_Handler,), {"system": system})
    server = _Server(("127.0.0.1", 0), handler)
    system.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
