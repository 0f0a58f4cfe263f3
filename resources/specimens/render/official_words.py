"""Words that made-up administrative papers are put together from; nobody named here exists (từ ngữ ví dụ)."""

from __future__ import annotations

PROVINCES = (
    "Điện Biên",
    "Lai Châu",
    "Sơn La",
    "Quảng Ngãi",
    "Lào Cai",
    "Phú Thọ",
    "Nghệ An",
    "Cà Mau",
    "Gia Lai",
)
COMMUNES = (
    "Mường Ví Dụ",
    "Thanh Mẫu",
    "Bình Thí Dụ",
    "Tân Thử",
    "Nậm Mẫu",
    "Chiềng Thử",
    "Đông Ví Dụ",
    "Hòa Mẫu",
)
SURNAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Lò",
    "Quàng",
    "Vàng",
    "Giàng",
    "Đặng",
    "Bùi",
    "Hoàng",
    "Võ",
    "Đỗ",
)
MIDDLE = ("Văn", "Thị", "Đức", "Minh", "A", "Hữu", "Thanh", "Ngọc", "Xuân", "Thế")
GIVEN = ("Ví Dụ", "Mẫu", "Thử", "Thí Dụ", "Bưởi", "Mận", "Khế", "Quýt", "Sung", "Nhãn")
SUBJECTS = (
    "phê duyệt kế hoạch sử dụng đất năm 2026 trên địa bàn",
    "công bố danh mục thủ tục hành chính được sửa đổi, bổ sung trong lĩnh vực hộ tịch thuộc thẩm quyền "
    "giải quyết",
    "tăng cường công tác phòng cháy, chữa cháy rừng trong mùa khô năm 2026",
    "kiện toàn Ban Chỉ đạo chuyển đổi số",
    "hỗ trợ kinh phí sửa chữa nhà ở cho hộ nghèo bị thiệt hại do bão số 3",
    "triển khai số hóa hồ sơ, giấy tờ, kết quả giải quyết thủ tục hành chính",
    "tổ chức lễ khai giảng năm học 2026 - 2027",
    "xử lý vi phạm hành chính trong lĩnh vực đất đai tại bản Thí Dụ",
    "báo cáo tình hình kinh tế - xã hội 6 tháng đầu năm",
    "đề nghị bổ sung biên chế công chức cho Trung tâm Phục vụ hành chính công",
)
BODY = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
    "Căn cứ Nghị định số 118/2025/NĐ-CP ngày 09 tháng 6 năm 2025 của Chính phủ về thực hiện thủ tục "
    "hành chính theo cơ chế một cửa, một cửa liên thông;",
    "Theo đề nghị của Chánh Văn phòng tại Tờ trình số 57/TTr-VP ngày 27 tháng 3 năm 2026.",
)
ARTICLES = (
    "Giao các cơ quan, đơn vị có liên quan phối hợp chặt chẽ trong quá trình tổ chức thực hiện, kịp thời "
    "báo cáo khó khăn, vướng mắc để được xem xét, giải quyết theo quy định của pháp luật.",
    "Thời gian thực hiện bắt đầu từ ngày 01 tháng 7 năm 2026; kinh phí được bố trí trong dự toán ngân sách "
    "đã giao tại Quyết định số 468/QĐ-TTg ngày 27 tháng 3 năm 2021 và các nguồn hợp pháp khác.",
    "Văn bản này có hiệu lực kể từ ngày ký. Thủ trưởng các đơn vị và cá nhân có liên quan chịu "
    "trách nhiệm thi hành.",
)
KINDS = (
    ("Quyết định", "QĐ"),
    ("Thông báo", "TB"),
    ("Kế hoạch", "KH"),
    ("Báo cáo", "BC"),
    ("Tờ trình", "TTr"),
    ("Chỉ thị", "CT"),
    ("Nghị quyết", "NQ"),
    ("Công văn", ""),
    ("Công văn", ""),
    ("Biên bản", "BB"),
)
