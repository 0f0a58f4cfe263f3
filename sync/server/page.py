"""The one page of the intake that people see (trang giới thiệu máy chủ tiếp nhận)."""

from html import escape

_PAGE = """<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Máy chủ tiếp nhận hồ sơ số hóa</title>
<style>
body {{ font: 16px/1.6 "Segoe UI", "Noto Sans", sans-serif; margin: 3rem auto; max-width: 40rem;
  padding: 0 1rem; color: #1c2733; background: #fff }}
h1 {{ font-size: 1.5rem; line-height: 1.3 }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1.5rem }}
dt {{ color: #51606f }} dd {{ margin: 0 }}
code {{ font: .9em "Noto Sans Mono", monospace; overflow-wrap: anywhere }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #e4e9ee; background: #14191f }} dt {{ color: #9fb0c0 }} a {{ color: #8ab8ff }}
}}
</style>
</head>
<body>
<h1>Máy chủ tiếp nhận hồ sơ số hóa</h1>
<p>Máy chủ này nhận gói hồ sơ từ các trạm số hóa, kiểm tra từng tệp và cấp biên nhận có chữ ký số.
Trang này chỉ để xem; việc gửi hồ sơ do phần mềm tại trạm thực hiện.</p>
<dl>
<dt>Tình trạng</dt><dd>Đang hoạt động</dd>
<dt>Đã tiếp nhận</dt><dd>{accepted} hồ sơ</dd>
<dt>Quyền gửi</dt><dd>{access}</dd>
<dt>Mã khóa ký biên nhận</dt><dd><code>{key_id}</code></dd>
</dl>
<p><a href="info">Thông tin máy chủ</a> · <a href="openapi.json">Mô tả giao diện lập trình (OpenAPI)</a></p>
</body>
</html>
"""


def page(*, accepted: int, key_id: str, open_to_all: bool) -> str:
    """Return the page as HTML; it names no dossier and no person."""
    access = "Mọi trạm trong mạng" if open_to_all else "Chỉ các trạm đã đăng ký"
    return _PAGE.format(
        accepted=f"{accepted:,}".replace(",", "."), key_id=escape(key_id), access=escape(access)
    )
