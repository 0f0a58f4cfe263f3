"""The reasons of a finding in Vietnamese, one sentence each (lý do)."""

from signing.verify.integrity import Quirk

SENTENCES: dict[str, str] = {
    "integrity-valid": "Nội dung đã ký còn nguyên vẹn: mã băm và khóa của người ký khớp nhau.",
    "digest-mismatch": "Nội dung đã bị thay đổi sau khi ký: mã băm không khớp.",
    "key-mismatch": "Chữ ký không khớp với khóa trong chứng thư của người ký.",
    "certificate-swapped": "Chứng thư kèm theo không phải chứng thư mà người ký đã dùng.",
    "cms-broken": "Không đọc được cấu trúc chữ ký.",
    "digest-unknown": "Chữ ký dùng thuật toán băm mà chương trình không biết.",
    "key-unknown": "Chữ ký dùng thuật toán khóa mà chương trình không biết.",
    "signer-missing": "Trong chữ ký không có chứng thư của người ký.",
    "coverage": "Vùng được ký không phủ liền mạch từ đầu tệp, nên không kết luận được.",
    "chain-trusted": "Chứng thư nối được tới chứng thư gốc tin cậy.",
    "chain-untrusted": "Chứng thư không nối tới chứng thư gốc nào được tin cậy.",
    "chain-incomplete": "Thiếu chứng thư trung gian “{missing}” nên chưa xác minh được chuỗi chứng thư.",
    "chain-revoked": "Chứng thư đã bị thu hồi trước thời điểm ký.",
    "chain-expired": "Chứng thư không còn hoặc chưa có hiệu lực vào thời điểm ký.",
    "time-stamped": "Thời điểm ký được dấu thời gian xác nhận.",
    "time-claimed": "Chưa có dấu thời gian; thời điểm ký do máy của người ký ghi.",
    "time-unknown": "Chữ ký không ghi thời điểm ký.",
    "time-broken": "Dấu thời gian kèm theo không hợp lệ nên không được tính.",
    "stamp-chain": "Dấu thời gian đúng về mật mã nhưng chứng thư của nơi cấp chưa nối được tới gốc tin cậy.",
    "changes-none": "Không có thay đổi nào sau chữ ký này.",
    "changes-harmless": "Phần thêm sau chữ ký này không làm đổi nội dung đã ký.",
    "page-count": "Số trang đã thay đổi sau chữ ký này.",
    "page-content": "Nội dung trang đã thay đổi sau chữ ký này.",
    "annotation": "Chú thích hoặc trường trên trang đã bị sửa hay xóa sau chữ ký này.",
    "new-annotation": "Có chú thích được thêm lên trang sau chữ ký này.",
    "covering-signature": "Có ô chữ ký che phần lớn trang được thêm sau chữ ký này.",
    "field-removed": "Một trường biểu mẫu đã bị xóa sau chữ ký này.",
    "field-value": "Giá trị một trường biểu mẫu đã bị sửa sau chữ ký này.",
    "new-field": "Có trường biểu mẫu được thêm sau chữ ký này.",
    "document-actions": "Tệp đính kèm, lớp hiển thị hoặc lệnh chạy của tài liệu đã thay đổi sau chữ ký này.",
    "page-tree": "Cây trang của tài liệu không đọc được.",
    "unreadable": "Không đọc được bản đã ký để so sánh với bản hiện nay.",
    Quirk.DIGEST_INFO_WITHOUT_NULL: "Chữ ký đúng, mã hóa DigestInfo không chuẩn (thiếu tham số NULL).",
    Quirk.RSA_OID_WITH_PSS: "Chữ ký ghi thuật toán rsaEncryption nhưng kèm tham số RSASSA-PSS.",
    Quirk.SHA1: "Chữ ký dùng SHA-1, thuật toán băm đã lỗi thời.",
    Quirk.JUNK_BEFORE_HEADER: "Có byte thừa trước %PDF ở đầu tệp; chữ ký được tính từ %PDF.",
    Quirk.LATER_REVISIONS: "Tài liệu có phần ghi thêm sau chữ ký này.",
    Quirk.CERTIFIED_THEN_SIGNED: "Chữ ký này không cho sửa tiếp, nhưng sau đó tài liệu vẫn được ghi thêm.",
    Quirk.LOCAL_TIME_AS_UTC: "Thời điểm ký ghi theo giờ Việt Nam nhưng đánh dấu là giờ UTC.",
    Quirk.CLAIMED_AFTER_TIMESTAMP: "Thời điểm ký tự ghi muộn hơn dấu thời gian.",
    Quirk.MISSING_MIDDLE_CA: "Tệp không kèm chứng thư trung gian.",
    Quirk.ALGORITHM_MISNAMED: "Mã băm trong khối RSA khác với thuật toán được ghi.",
    Quirk.UNCLEAR_COVERAGE: "Vùng được ký không liền mạch.",
}


def sentence(reason: str, **facts: str) -> str:
    """The Vietnamese sentence of a reason or quirk."""
    return SENTENCES[reason].format(**facts)
