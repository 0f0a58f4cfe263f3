"""What made-up offices write about, and the people who do not exist (từ ngữ của giấy tờ mẫu).

Every place, person and number is invented; sentences are of the kind that fills administrative papers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PROVINCES = ("Sơn Minh", "Hải Vân", "Trường Lâm", "Đông Khê", "Bắc Phú", "Nam Thượng", "Tây Hồng", "Vĩnh Yển")
COMMUNES = (
    "Mường Ví Dụ",
    "Thượng Mẫu",
    "Hòa Thử",
    "Đồng Giả",
    "Phước Tưởng",
    "Nậm Ngỡ",
    "Ea Thí",
    "Cẩm Nghiệm",
    "Khuổi Tượng",
    "Bản Phỏng",
)
FAMILIES = (
    *("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"),
    *("Dương", "Lý", "Lò", "Quàng", "Giàng", "Cà", "Tòng"),
)
MIDDLES = (
    *("Thị", "Văn", "Đức", "Minh", "Ngọc", "Hữu", "Quốc", "Thanh", "Thúy", "Xuân", "Bích", "Khắc", "Diễm"),
)
GIVEN = (
    *("Mẫu", "Thử", "Giả", "Tưởng", "Nghiệm", "Mận", "Ổi", "Bưởi", "Khế", "Quýt", "Sấu", "Vải", "Nhãn"),
    *("Chuối", "Dứa", "Lựu", "Hồng", "Mơ", "Sen", "Trúc", "Bằng", "Hiển", "Khoẻ", "Dũng", "Quyển"),
)
DEPARTMENTS = (
    ("SỞ NỘI VỤ", "SNV", "Sở Nội vụ"),
    ("SỞ TƯ PHÁP", "STP", "Sở Tư pháp"),
    ("SỞ Y TẾ", "SYT", "Sở Y tế"),
    ("SỞ XÂY DỰNG", "SXD", "Sở Xây dựng"),
    ("SỞ TÀI CHÍNH", "STC", "Sở Tài chính"),
    ("SỞ CÔNG THƯƠNG", "SCT", "Sở Công Thương"),
    ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", "SKHCN", "Sở Khoa học và Công nghệ"),
    ("SỞ GIÁO DỤC VÀ ĐÀO TẠO", "SGDĐT", "Sở Giáo dục và Đào tạo"),
)
SUBJECTS = (
    "hỗ trợ kinh phí sửa chữa nhà ở cho hộ gia đình khó khăn",
    "kiện toàn Ban chỉ đạo chuyển đổi số và cải cách hành chính",
    "phê duyệt kế hoạch số hóa hồ sơ, giấy tờ giải quyết thủ tục hành chính",
    "tăng cường công tác phòng cháy, chữa cháy và cứu nạn, cứu hộ",
    "triển khai đợt cao điểm thu thập, cập nhật dữ liệu hộ tịch",
    "công bố danh mục thủ tục hành chính được sửa đổi, bổ sung",
    "phân bổ dự toán chi ngân sách cho đơn vị sự nghiệp công lập",
    "điều động, bổ nhiệm viên chức quản lý trường tiểu học",
    "giải quyết đơn đề nghị cấp Giấy chứng nhận quyền sử dụng đất",
    "tổ chức tiêm chủng mở rộng cho trẻ em dưới năm tuổi",
)
GROUNDS = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
    "Căn cứ Luật Ban hành văn bản quy phạm pháp luật ngày 19 tháng 02 năm 2025;",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
    "Căn cứ Nghị định số 118/2025/NĐ-CP ngày 09 tháng 6 năm 2025 của Chính phủ về thực hiện thủ tục hành "
    "chính theo cơ chế một cửa, một cửa liên thông tại Bộ phận Một cửa và Cổng Dịch vụ công quốc gia;",
    "Căn cứ Luật Hộ tịch ngày 20 tháng 11 năm 2014;",
    "Căn cứ Luật Ngân sách nhà nước ngày 25 tháng 6 năm 2015;",
    "Căn cứ Luật Đất đai ngày 18 tháng 01 năm 2024;",
)
SENTENCES = (
    "Ủy ban nhân dân xã giao Văn phòng chủ trì, phối hợp với các đơn vị liên quan rà soát, tổng hợp số liệu "
    "và báo cáo kết quả trước ngày {day}.",
    "Kinh phí thực hiện được bảo đảm từ nguồn ngân sách địa phương và các nguồn huy động hợp pháp khác, tổng "
    "số tiền là {money} đồng.",
    "Hồ sơ gồm {count} thành phần, được tiếp nhận tại Trung tâm Phục vụ hành chính công và trả kết quả trong "
    "thời hạn {few} ngày làm việc.",
    "Qua kiểm tra thực tế tại thôn {commune}, đoàn công tác ghi nhận {count} hộ có nhà ở bị hư hỏng nặng, "
    "trong đó {few} hộ thuộc diện hộ nghèo.",
    "Ông {person}, sinh ngày {day}, thường trú tại xã {commune}, tỉnh {province}, là người trực tiếp kê khai "
    "và chịu trách nhiệm về tính chính xác của thông tin.",
    "Bà {person} đề nghị được xem xét, giải quyết theo quy định tại khoản {few} Điều {count} của Luật.",
    "Các phòng, ban chuyên môn tiếp tục đẩy mạnh tuyên truyền, phổ biến để người dân hiểu rõ quyền lợi, "
    "nghĩa vụ và cách thức nộp hồ sơ trực tuyến.",
    "Trong quá trình thực hiện, nếu phát sinh khó khăn, vướng mắc, đề nghị kịp thời phản ánh về Ủy ban nhân "
    "dân để tổng hợp, chỉ đạo giải quyết.",
    "Tỷ lệ hồ sơ được giải quyết đúng hạn và trước hạn đạt {percent}%, tăng {few},{few}% so với cùng kỳ năm "
    "trước; không có hồ sơ tồn đọng kéo dài.",
    "Thửa đất số {count}, tờ bản đồ số {few}, diện tích {count},{few} m2, mục đích sử dụng: đất ở tại nông "
    "thôn; thời hạn sử dụng: lâu dài.",
    "Trưởng thôn thông báo công khai danh sách tại nhà văn hóa, niêm yết trong {count} ngày để nhân dân "
    "theo dõi, góp ý và giám sát.",
    "Việc lưu trữ, bảo quản tài liệu giấy và tài liệu điện tử phải bảo đảm an toàn, đầy đủ, dễ tra cứu, "
    "không để thất lạc hoặc hư hỏng.",
    "Giao Trưởng phòng Kinh tế hướng dẫn thủ tục tạm ứng, thanh quyết toán theo đúng chế độ hiện hành.",
    "Đề nghị Quý cơ quan quan tâm phối hợp, cử cán bộ tham gia đúng thành phần, đúng thời gian nêu trên.",
    "Mọi khiếu nại, tố cáo liên quan được tiếp nhận và xử lý theo trình tự, thủ tục do pháp luật quy định.",
    "Sổ đăng ký khai sinh quyển số {few}/{year} hiện đang lưu tại kho, tờ số {count} bị mối xông, mờ chữ ở "
    "phần ghi chú.",
    "Thời gian họp: {few} giờ {count} phút, ngày {day}; địa điểm: Hội trường lớn Ủy ban nhân dân xã "
    "{commune}.",
    "Người yêu cầu đã nộp lệ phí theo biên lai số {count}{count}{few} ngày {day}.",
)
TITLES = (
    (("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), "TM"),
    (("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), "KT"),
    (("CHỦ TỊCH",), ""),
    (("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), "KT"),
    (("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"), "TL"),
)


@dataclass(frozen=True)
class Invented:
    """Draws names, numbers and sentences; the same generator state gives the same ones."""

    rng: np.random.Generator

    def one(self, choices: tuple[str, ...]) -> str:
        """One of `choices`."""
        return choices[int(self.rng.integers(len(choices)))]

    def person(self) -> str:
        """Family, middle and given name."""
        return f"{self.one(FAMILIES)} {self.one(MIDDLES)} {self.one(GIVEN)}"

    def day(self) -> tuple[int, int, int]:
        """A day, month and year that exist."""
        return (
            int(self.rng.integers(1, 29)),
            int(self.rng.integers(1, 13)),
            int(self.rng.integers(2024, 2027)),
        )

    def sentence(self) -> str:
        """A sentence with its blanks filled."""
        day, month, year = self.day()
        return self.one(SENTENCES).format(
            day=f"{day:02}/{month:02}/{year}",
            money=f"{self.rng.integers(2, 900)}.{self.rng.integers(100, 999)}.000",
            count=int(self.rng.integers(10, 99)),
            few=int(self.rng.integers(2, 10)),
            percent=int(self.rng.integers(80, 100)),
            year=year,
            person=self.person(),
            commune=self.one(COMMUNES),
            province=self.one(PROVINCES),
        )
