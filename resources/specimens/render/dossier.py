"""The words of a made-up birth registration: three papers of people who do not exist (hồ sơ ví dụ).

People: mother Lò Thị Ví Dụ, father Quàng Văn Thử, their daughter Quàng Thị Mẫu, the mother's father Lò Văn
Mẫu, who is sent with the papers. The commune Mường Ví Dụ does not exist either.
"""

from __future__ import annotations

from dataclasses import dataclass

from resources.specimens.render import cells
from resources.specimens.render.ink import Seal, Signature
from resources.specimens.render.paper import Face, Page
from resources.specimens.render.setting import Margins, Setter

_COMMUNE = "xã Mường Ví Dụ, tỉnh Điện Biên"
_OFFICE = "Ủy ban nhân dân xã Mường Ví Dụ"


@dataclass(frozen=True)
class Side:
    """One printed side and the ink on it, in the order in which it was laid on."""

    page: Page
    marks: tuple[Seal | Signature, ...] = ()


def declaration() -> Side:
    """Declaration for registering a birth, front (Tờ khai đăng ký khai sinh)."""
    sheet = Setter(Margins(top_mm=24, bottom_mm=18), Face(13), 1.22)
    for line in cells.NATION:
        sheet.centred(line)
    cells.title(sheet, "TỜ KHAI ĐĂNG KÝ KHAI SINH")
    sheet.paragraph(f"Kính gửi: *{_OFFICE}, tỉnh Điện Biên*", align="centre", after_mm=2.5)
    for field in (
        "Họ, chữ đệm, tên người yêu cầu: *LÒ THỊ VÍ DỤ*",
        "Ngày, tháng, năm sinh: *20/08/2001*",
        "Số định danh cá nhân: *011301001234*",
        f"Nơi cư trú: *Bản Thí Dụ, {_COMMUNE}*",
        "Quan hệ với người được khai sinh: *Mẹ đẻ*",
    ):
        sheet.paragraph(field, align="left", first_mm=0)
    sheet.paragraph(
        "Đề nghị cơ quan đăng ký khai sinh cho người có tên dưới đây:", face=Face(13, bold=True), first_mm=0
    )
    for field in (
        "Họ, chữ đệm, tên: *QUÀNG THỊ MẪU*",
        "Ngày, tháng, năm sinh: *09/11/2026*, ghi bằng chữ: *Ngày chín, tháng mười một, "
        "năm hai nghìn không trăm hai mươi sáu*",
        "Giới tính: *Nữ*, dân tộc: *Thái*, quốc tịch: *Việt Nam*",
        f"Nơi sinh: *Trạm Y tế {_COMMUNE}*",
        f"Quê quán: *Bản Thí Dụ, {_COMMUNE}*",
        "Họ, chữ đệm, tên người mẹ: *LÒ THỊ VÍ DỤ*",
        "Năm sinh: *2001*, dân tộc: *Thái*, quốc tịch: *Việt Nam*",
        f"Nơi cư trú: *Bản Thí Dụ, {_COMMUNE}*",
        "Họ, chữ đệm, tên người cha: *QUÀNG VĂN THỬ*",
        "Năm sinh: *2001*, dân tộc: *Thái*, quốc tịch: *Việt Nam*",
        f"Nơi cư trú: *Bản Thí Dụ, {_COMMUNE}*",
    ):
        sheet.paragraph(field, align="left", first_mm=0)
    sheet.paragraph(
        "Tôi cam đoan nội dung đề nghị đăng ký khai sinh trên đây là đúng sự thật, được sự thỏa thuận "
        "nhất trí của các bên liên quan theo quy định của pháp luật và chịu trách nhiệm trước pháp luật về "
        "lời cam đoan của mình.",
        first_mm=10,
    )
    sheet.paragraph(
        "Đề nghị cấp bản sao: *Có*, số lượng: *02 bản*. Số điện thoại liên hệ: *0215 0000 000*",
        align="left",
        first_mm=0,
    )
    sheet.gap(1.5)
    sheet.paragraph(
        "Làm tại: xã Mường Ví Dụ, ngày 18 tháng 11 năm 2026", face=Face(13, italic=True), align="right"
    )
    pen = cells.signature(
        sheet, [], ["Người yêu cầu"], "Lò Thị Ví Dụ", note="(Ký, ghi rõ họ, chữ đệm, tên)", room_mm=20.0
    )
    return Side(sheet.page(), (Signature(150, pen, width_mm=36, height_mm=14, seed=3),))


def birth_certificate() -> Side:
    """The health station's certificate of a birth, with seal and signature (Giấy chứng sinh)."""
    sheet = Setter(Margins(top_mm=24, bottom_mm=20), Face(14), 1.28)
    cells.header(
        sheet,
        parent="SỞ Y TẾ TỈNH ĐIỆN BIÊN",
        issuer=("TRẠM Y TẾ", "XÃ MƯỜNG VÍ DỤ"),
        number="Số: 145/2026/GCS",
        place_and_date="Mường Ví Dụ, ngày 10 tháng 11 năm 2026",
    )
    cells.title(sheet, "GIẤY CHỨNG SINH")
    for field in (
        "Họ, chữ đệm, tên mẹ: *LÒ THỊ VÍ DỤ*",
        "Năm sinh: *2001*. Dân tộc: *Thái*",
        "Số định danh cá nhân: *011301001234*",
        f"Nơi cư trú: *Bản Thí Dụ, {_COMMUNE}*",
        "Mã số thẻ bảo hiểm y tế: *DT 2 11 0000000000*",
        "Họ, chữ đệm, tên cha: *QUÀNG VĂN THỬ*",
        "Số định danh cá nhân: *011201001234*",
        "Đã sinh con vào lúc: *06 giờ 35 phút, ngày 09 tháng 11 năm 2026*",
        f"Tại: *Trạm Y tế {_COMMUNE}*",
        "Số lần sinh: *01*. Số con hiện sống: *01*. Số con trong lần sinh này: *01*",
        "Giới tính của con: *Nữ*. Cân nặng: *3.150 gam*",
        "Hiện trạng của con: *Khỏe mạnh, đã được tiêm vắc xin viêm gan B sơ sinh*",
        "Dự kiến đặt tên con là: *QUÀNG THỊ MẪU*",
        "Người đỡ đẻ: *Cà Thị Thí Dụ, nữ hộ sinh*",
    ):
        sheet.paragraph(field, align="left", first_mm=0)
    sheet.paragraph(
        "Giấy này do Trạm Y tế xã Mường Ví Dụ cấp theo quy định của Bộ Y tế. Cha, mẹ hoặc người thân của "
        "trẻ có trách nhiệm đi đăng ký khai sinh cho trẻ trong thời hạn 60 ngày kể từ ngày sinh.",
        face=Face(14, italic=True),
    )
    sheet.gap(2)
    pen = cells.signature(sheet, [], ["TRƯỞNG TRẠM"], "Vàng A Ví Dụ", note="(Ký tên, đóng dấu)", room_mm=26.0)
    return Side(
        sheet.page(),
        (
            Signature(152, pen + 1, seed=8),
            Seal(
                "TRẠM Y TẾ XÃ MƯỜNG VÍ DỤ",
                "TỈNH ĐIỆN BIÊN",
                ("TRẠM", "Y TẾ"),
                x_mm=133,
                y_mm=pen - 5,
                seed=5,
            ),
        ),
    )


def authority_first() -> Side:
    """Written authority, first page: office, parties, what is entrusted (Văn bản ủy quyền)."""
    sheet = Setter(Margins(top_mm=25, bottom_mm=20), Face(14), 1.3)
    cells.header(
        sheet,
        parent="ỦY BAN NHÂN DÂN",
        issuer=("XÃ MƯỜNG VÍ DỤ",),
        number="Số: 27/UQ-UBND",
        place_and_date="Mường Ví Dụ, ngày 18 tháng 11 năm 2026",
    )
    cells.title(sheet, "VĂN BẢN ỦY QUYỀN", "Về việc nộp hồ sơ và nhận kết quả đăng ký khai sinh")
    for text in (
        "Căn cứ Bộ luật Dân sự ngày 24 tháng 11 năm 2015;",
        "Căn cứ Luật Hộ tịch ngày 20 tháng 11 năm 2014;",
    ):
        sheet.paragraph(text, face=Face(14, italic=True))
    sheet.paragraph(
        f"Hôm nay, ngày 18 tháng 11 năm 2026, tại trụ sở {_OFFICE}, tỉnh Điện Biên, chúng tôi gồm có:"
    )
    sheet.paragraph("I. BÊN ỦY QUYỀN", face=Face(14, bold=True))
    sheet.paragraph("Bà Lò Thị Ví Dụ, sinh ngày 20/08/2001, số định danh cá nhân 011301001234.")
    sheet.paragraph(f"Nơi cư trú: Bản Thí Dụ, {_COMMUNE}.")
    sheet.paragraph("II. BÊN ĐƯỢC ỦY QUYỀN", face=Face(14, bold=True))
    sheet.paragraph("Ông Lò Văn Mẫu, sinh ngày 15/02/1975, số định danh cá nhân 011075002468.")
    sheet.paragraph(f"Nơi cư trú: Bản Thí Dụ, {_COMMUNE}. Quan hệ với bên ủy quyền: bố đẻ.")
    sheet.paragraph("III. NỘI DUNG ỦY QUYỀN", face=Face(14, bold=True))
    for text in (
        "1. Bên ủy quyền giao cho bên được ủy quyền thay mặt mình nộp hồ sơ đăng ký khai sinh cho con "
        "là cháu Quàng Thị Mẫu, sinh ngày 09/11/2026, tại Trung tâm Phục vụ hành chính công xã Mường Ví Dụ.",
        "2. Bên được ủy quyền được bổ sung, hoàn thiện giấy tờ khi cơ quan tiếp nhận yêu cầu; được ký "
        "vào giấy tiếp nhận hồ sơ và hẹn trả kết quả.",
        "3. Bên được ủy quyền được nhận Giấy khai sinh và 02 bản sao trích lục khai sinh, có trách nhiệm "
        "giao lại đầy đủ cho bên ủy quyền trong ngày nhận kết quả.",
    ):
        sheet.paragraph(text)
    return Side(sheet.page())


def authority_second() -> Side:
    """Written authority, second page: term, promises, the party, the office's attestation."""
    sheet = Setter(Margins(top_mm=24, bottom_mm=18), Face(14), 1.28)
    sheet.page_number(2)
    sheet.paragraph("IV. THỜI HẠN VÀ THÙ LAO", face=Face(14, bold=True))
    sheet.paragraph(
        "Thời hạn ủy quyền là 30 ngày, tính từ ngày ký văn bản này hoặc đến khi công việc được ủy quyền "
        "thực hiện xong, tùy theo điều kiện nào đến trước. Việc ủy quyền không có thù lao."
    )
    sheet.paragraph("V. CAM ĐOAN CỦA BÊN ỦY QUYỀN", face=Face(14, bold=True))
    sheet.paragraph(
        "Tôi đã đọc lại toàn bộ văn bản, hiểu rõ quyền, nghĩa vụ của mình và tự nguyện ký tên dưới đây. "
        "Mọi tranh chấp phát sinh được giải quyết bằng thương lượng trước khi đề nghị cơ quan có "
        "thẩm quyền xem xét."
    )
    sheet.gap(1)
    party = cells.signature(sheet, [], ["BÊN ỦY QUYỀN"], "Lò Thị Ví Dụ", room_mm=20.0)
    sheet.gap(4)
    sheet.paragraph("LỜI CHỨNG CỦA NGƯỜI THỰC HIỆN CHỨNG THỰC", face=Face(14, bold=True), align="centre")
    sheet.paragraph(
        f"{_OFFICE} chứng thực: bà Lò Thị Ví Dụ có mặt tại trụ sở vào ngày 18/11/2026, "
        "xuất trình giấy tờ tùy thân còn giá trị sử dụng, hoàn toàn minh mẫn và đã ký vào văn bản này "
        "trước mặt người thực hiện chứng thực. Văn bản được lập thành 03 bản có giá trị như nhau, "
        "mỗi bên giữ 01 bản."
    )
    sheet.gap(2)
    office = cells.signature(
        sheet,
        cells.recipients(
            ("- Như trên;", "- Lưu: VT, TP."),
            beside=sheet.face,
            leading=sheet.leading,
        ),
        ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"],
        "Giàng A Thử",
        room_mm=30.0,
    )
    return Side(
        sheet.page(),
        (
            Signature(152, party, width_mm=36, height_mm=14, seed=3),
            Signature(156, office, seed=34),
            Seal(
                "ỦY BAN NHÂN DÂN XÃ MƯỜNG VÍ DỤ",
                "TỈNH ĐIỆN BIÊN",
                ("MƯỜNG", "VÍ DỤ"),
                x_mm=134,
                y_mm=office - 2,
                diameter_mm=35,
                turn_deg=4,
                seed=9,
            ),
        ),
    )
