"""The page of the intake that people see: queue, today, stations, what was sent back (trang tình hình)."""

from datetime import datetime
from html import escape

from sync.server.overview import Overview, Reject, StationToday

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
}

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --soft: #51606f; --line: #d8dee5; --card: #f5f7f9;
  --paper: #fff; --bad: #a4262c; --warn: #8a5a00; --good: #1e6b3a; --link: #0b57a4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --soft: #a5b3c0; --line: #34404c;
  --card: #1d252d; --paper: #14191f; --bad: #ff9a9e; --warn: #f0c060; --good: #86d6a0; --link: #8ab8ff } }
* { box-sizing: border-box }
body { font: 16px/1.55 "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; margin: 0; color: var(--ink);
  background: var(--paper) }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 3rem }
header { display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: baseline;
  justify-content: space-between }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .6rem }
p { margin: .4rem 0 } .soft { color: var(--soft) }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .75rem;
  margin: 1.5rem 0 0; padding: 0 }
.cards div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .8rem 1rem }
dt { color: var(--soft) } dd { margin: 0 }
dd.big { font-size: 2rem; line-height: 1.25; font-variant-numeric: tabular-nums }
dd.note { color: var(--soft); font-size: .9rem } .bad { color: var(--bad) } .warn { color: var(--warn) }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top }
th { color: var(--soft); font-weight: 600 } td.n, th.n { text-align: right;
  font-variant-numeric: tabular-nums; white-space: nowrap }
code { font: .9em "Noto Sans Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
a { color: var(--link) }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .75rem; font-size: .9rem }
"""

_PAGE = """<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="30">
<title>Máy chủ tiếp nhận hồ sơ số hóa</title>
<style>{style}</style>
</head>
<body>
<main>
<header>
<h1>Máy chủ tiếp nhận hồ sơ số hóa</h1>
<p class="soft">Cập nhật lúc {at} (tự làm mới mỗi 30 giây)</p>
</header>
<dl class="cards">{cards}</dl>
<h2>Các trạm</h2>
{stations}
<h2>Hồ sơ bị trả lại gần đây</h2>
{rejects}
<footer class="soft">
<p>Quyền gửi: {access}. Tổng số đã tiếp nhận: {ever} hồ sơ.</p>
<p>Mã khóa ký biên nhận: <code>{key_id}</code></p>
<p><a href="info">Thông tin máy chủ</a> · <a href="openapi.json">Mô tả giao diện lập trình (OpenAPI)</a></p>
</footer>
</main>
</body>
</html>
"""


def page(seen: Overview, *, at: datetime, key_id: str, open_to_all: bool) -> str:
    """Return the page as HTML; it names stations and codes, no person."""
    return _PAGE.format(
        style=_STYLE,
        at=f"{at:%H:%M:%S %d/%m/%Y}",
        cards="".join(_cards(seen)),
        stations=_stations(seen.stations),
        rejects=_rejects(seen.rejects),
        access="mọi trạm trong mạng" if open_to_all else "chỉ các trạm đã đăng ký",
        ever=_number(seen.accepted_ever),
        key_id=escape(key_id),
    )


def _cards(seen: Overview) -> list[str]:
    oldest = (
        f"chờ lâu nhất từ {_time(seen.oldest_waiting_at)}" if seen.oldest_waiting_at else "hàng đợi trống"
    )
    urgent = f"{_number(seen.urgent)} hồ sơ khẩn, {oldest}" if seen.urgent else oldest
    lapsed = f"{_number(seen.lapsed)} quá hạn, sẽ được giao lại" if seen.lapsed else "không có hồ sơ quá hạn"
    return [
        _card("Đang chờ xử lý", seen.waiting, urgent),
        _card("Đang xử lý", seen.processing, lapsed, "warn" if seen.lapsed else ""),
        _card("Tiếp nhận hôm nay", seen.accepted_today, _size(seen.bytes_today)),
        _card("Đã xong hôm nay", seen.done_today, "có kết quả trả về trạm"),
        _card("Trả lại hôm nay", seen.rejected_today, "kèm lý do", "bad" if seen.rejected_today else ""),
        _card("Đang gửi lên", seen.uploads, "lượt tải chưa xong"),
    ]


def _card(title: str, number: int, note: str, tone: str = "") -> str:
    return (
        f'<div><dt>{escape(title)}</dt><dd class="big {tone}">{_number(number)}</dd>'
        f'<dd class="note">{escape(note)}</dd></div>'
    )


def _stations(found: tuple[StationToday, ...]) -> str:
    if not found:
        return '<p class="soft">Chưa có trạm nào gửi hồ sơ.</p>'
    head = _row(
        ("Trạm", "Hôm nay", "Dung lượng", "Đang gửi", "Đã bị trả lại", "Lần nhận cuối"), head=True, numbers=5
    )
    rows = [
        _row(
            (
                one.name or "(không đăng ký)",
                _number(one.packages),
                _size(one.bytes),
                _number(one.under_way),
                _number(one.rejected),
                _time(one.last_at),
            ),
            numbers=5,
        )
        for one in found
    ]
    return _table(head, rows)


def _rejects(found: tuple[Reject, ...]) -> str:
    if not found:
        return '<p class="soft">Không có hồ sơ nào bị trả lại.</p>'
    head = _row(("Lúc", "Trạm", "Mã hồ sơ", "Mã lý do"), head=True)
    rows = [
        _row(
            (
                _time(one.at),
                one.station or "(không đăng ký)",
                one.dossier_code or one.submission_id,
                ", ".join(one.reasons),
            )
        )
        for one in found
    ]
    return _table(head, rows)


def _table(head: str, rows: list[str]) -> str:
    return f'<div class="wide"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>'


def _row(cells: tuple[str, ...], *, head: bool = False, numbers: int = 0) -> str:
    """Return a table row; the last `numbers` cells are set to the right."""
    tag = "th" if head else "td"
    first = len(cells) - numbers
    made = [
        f"<{tag}{' class=n' if number >= first else ''}>{escape(cell)}</{tag}>"
        for number, cell in enumerate(cells)
    ]
    return f"<tr>{''.join(made)}</tr>"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _size(count: int) -> str:
    size = float(count)
    for unit in ("byte", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            break
        size /= 1024
    return f"{_number(count)} byte" if unit == "byte" else f"{size:.1f} {unit}".replace(".", ",")


def _time(text: str) -> str:
    return f"{datetime.fromisoformat(text):%H:%M %d/%m/%Y}" if text else "–"
