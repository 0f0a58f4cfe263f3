<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="vi_VN">
<context>
    <name>Arranging</name>
    <message>
        <source>Bỏ trang khỏi hồ sơ</source>
        <translation>Leave page out of the dossier</translation>
    </message>
    <message>
        <source>Ảnh vẫn giữ trong lịch sử. Ctrl+Z đưa trang trở lại.</source>
        <translation>The image stays in the history. Ctrl+Z puts the page back.</translation>
    </message>
    <message>
        <source>Xác nhận cách xếp</source>
        <translation>Confirm the arrangement</translation>
    </message>
    <message>
        <source>Đã ghi lý do vào nhật ký. Bấm Ký và gửi để làm tiếp.</source>
        <translation>The reason is on record. Press Sign and send to go on.</translation>
    </message>
    <message>
        <source>%1 trang đầu của lượt này đã có từ trước: so ảnh, rồi chọn Bỏ các trang nạp lại.</source>
        <translation>The first %1 pages of this feed were kept before: compare the images, then choose Leave out the pages fed again.</translation>
    </message>
    <message>
        <source>Lý do (ghi vào nhật ký):</source>
        <translation>Reason (goes on record):</translation>
    </message>
    <message>
        <source>Không thuộc hồ sơ này</source>
        <translation>Not of this dossier</translation>
    </message>
    <message>
        <source>Tờ này đã nạp hai lần</source>
        <translation>This sheet was fed twice</translation>
    </message>
    <message>
        <source>Trang trắng</source>
        <translation>Blank page</translation>
    </message>
    <message>
        <source>Ảnh hỏng, đã có trang quét lại</source>
        <translation>Poor image, the page was scanned again</translation>
    </message>
    <message>
        <source>Giấy nạp lộn xộn, đã xếp đúng như bản giấy</source>
        <translation>The papers were fed in disorder and are now as on paper</translation>
    </message>
    <message>
        <source>Nạp lại sau khi kẹt giấy</source>
        <translation>Fed again after a jam</translation>
    </message>
    <message>
        <source>Xếp theo danh mục thành phần hồ sơ</source>
        <translation>Arranged as the checklist has it</translation>
    </message>
    <message>
        <source>Đã đếm lại giấy: đủ trang</source>
        <translation>The papers were counted again: all pages are there</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>Ảnh trang</source>
        <translation>Page image</translation>
    </message>
    <message>
        <source>Không mở được ảnh của trang này</source>
        <translation>The image of this page cannot be opened</translation>
    </message>
    <message>
        <source>Đang mở trang…</source>
        <translation>Opening the page…</translation>
    </message>
    <message>
        <source>Chưa chọn trang nào</source>
        <translation>No page selected</translation>
    </message>
    <message>
        <source>Trang %1</source>
        <translation>Page %1</translation>
    </message>
</context>
<context>
    <name>Checklist</name>
    <message>
        <source>Chọn thủ tục để thấy các giấy tờ cần nộp.</source>
        <translation>Choose a procedure to see the papers it needs.</translation>
    </message>
</context>
<context>
    <name>ChecklistRow</name>
    <message>
        <source>Tra cứu CSDL</source>
        <translation>Looked up in a database</translation>
    </message>
    <message>
        <source>Chỉ xuất trình</source>
        <translation>Shown only</translation>
    </message>
    <message>
        <source>Khi: %1</source>
        <translation>When: %1</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>Hồ sơ mới</source>
        <translation>New dossier</translation>
    </message>
    <message>
        <source>Chọn thủ tục</source>
        <translation>Choose procedure</translation>
    </message>
    <message>
        <source>Tới danh mục thành phần</source>
        <translation>Go to the checklist</translation>
    </message>
    <message>
        <source>Nhận trường này, sang trường cần xem</source>
        <translation>Accept this field, go to the next to be looked at</translation>
    </message>
    <message>
        <source>Quét</source>
        <translation>Scan</translation>
    </message>
    <message>
        <source>Quét khi có giấy hoặc nút máy được bấm</source>
        <translation>Scan when paper is put in or the button is pressed</translation>
    </message>
    <message>
        <source>Quét mặt sau (đã lật tập giấy)</source>
        <translation>Scan backs (stack turned over)</translation>
    </message>
    <message>
        <source>Nhập tệp đã quét…</source>
        <translation>Take scanned files…</translation>
    </message>
    <message>
        <source>Đếm số tờ…</source>
        <translation>Count sheets…</translation>
    </message>
    <message>
        <source>Dừng</source>
        <translation>Stop</translation>
    </message>
    <message>
        <source>Ký và gửi</source>
        <translation>Sign and send</translation>
    </message>
    <message>
        <source>Xem kết quả</source>
        <translation>Show result</translation>
    </message>
    <message>
        <source>Mở thư mục kết quả</source>
        <translation>Open result folder</translation>
    </message>
    <message>
        <source>Hộp gửi…</source>
        <translation>Outbox…</translation>
    </message>
    <message>
        <source>Máy quét và cấu hình…</source>
        <translation>Scanners and profiles…</translation>
    </message>
    <message>
        <source>Thử lại</source>
        <translation>Try again</translation>
    </message>
    <message>
        <source>Thoát</source>
        <translation>Quit</translation>
    </message>
    <message>
        <source>Trang trước</source>
        <translation>Previous page</translation>
    </message>
    <message>
        <source>Trang sau</source>
        <translation>Next page</translation>
    </message>
    <message>
        <source>Quét lại trang này</source>
        <translation>Scan this page again</translation>
    </message>
    <message>
        <source>Chèn trang sau trang này</source>
        <translation>Insert a page after this one</translation>
    </message>
    <message>
        <source>Chụp lại trang này sau khi bóc giấy nhớ</source>
        <translation>Scan this page again without its note</translation>
    </message>
    <message>
        <source>Chuyển trang lên</source>
        <translation>Move page up</translation>
    </message>
    <message>
        <source>Chuyển trang xuống</source>
        <translation>Move page down</translation>
    </message>
    <message>
        <source>Bỏ trang khỏi hồ sơ</source>
        <translation>Leave page out of the dossier</translation>
    </message>
    <message>
        <source>Đưa trang đã bỏ trở lại</source>
        <translation>Put back the page left out</translation>
    </message>
    <message>
        <source>Bỏ các trang nạp lại</source>
        <translation>Leave out the pages fed again</translation>
    </message>
    <message>
        <source>Xác nhận cách xếp</source>
        <translation>Confirm the arrangement</translation>
    </message>
    <message>
        <source>Phóng to trang</source>
        <translation>Zoom in</translation>
    </message>
    <message>
        <source>Thu nhỏ trang</source>
        <translation>Zoom out</translation>
    </message>
    <message>
        <source>Vừa trang</source>
        <translation>Fit page</translation>
    </message>
    <message>
        <source>Vừa chiều ngang</source>
        <translation>Fit width</translation>
    </message>
    <message>
        <source>Chữ to hơn</source>
        <translation>Larger text</translation>
    </message>
    <message>
        <source>Chữ nhỏ hơn</source>
        <translation>Smaller text</translation>
    </message>
    <message>
        <source>Bảng phím tắt</source>
        <translation>Keyboard shortcuts</translation>
    </message>
    <message>
        <source>&amp;Hồ sơ</source>
        <translation>&amp;Dossier</translation>
    </message>
    <message>
        <source>&amp;Xử lý</source>
        <translation>&amp;Work</translation>
    </message>
    <message>
        <source>&amp;Trang</source>
        <translation>&amp;Page</translation>
    </message>
    <message>
        <source>&amp;Giao diện</source>
        <translation>&amp;View</translation>
    </message>
    <message>
        <source>Trợ &amp;giúp</source>
        <translation>&amp;Help</translation>
    </message>
    <message>
        <source>Xoay trang sang trái</source>
        <translation>Turn page left</translation>
    </message>
    <message>
        <source>Xoay trang sang phải</source>
        <translation>Turn page right</translation>
    </message>
    <message>
        <source>Chỉnh thẳng trang…</source>
        <translation>Straighten page…</translation>
    </message>
    <message>
        <source>Trang này không trắng</source>
        <translation>This page is not blank</translation>
    </message>
    <message>
        <source>Màu như hệ thống</source>
        <translation>Colours of the system</translation>
    </message>
    <message>
        <source>Nền sáng</source>
        <translation>Light</translation>
    </message>
    <message>
        <source>Nền tối</source>
        <translation>Dark</translation>
    </message>
    <message>
        <source>Tương phản cao</source>
        <translation>High contrast</translation>
    </message>
</context>
<context>
    <name>ComponentRow</name>
    <message numerus="yes">
        <source>%n trang</source>
        <translation>
            <numerusform>%n page</numerusform>
            <numerusform>%n pages</numerusform>
        </translation>
    </message>
    <message>
        <source>Đã ký</source>
        <translation>Signed</translation>
    </message>
    <message>
        <source>Đã cấp mã</source>
        <translation>Coded</translation>
    </message>
    <message>
        <source>Đã lập PDF</source>
        <translation>PDF made</translation>
    </message>
    <message>
        <source>Chưa có trang</source>
        <translation>No pages yet</translation>
    </message>
</context>
<context>
    <name>CounterScreen</name>
    <message>
        <source>Chưa mở được quầy</source>
        <translation>The counter could not be opened</translation>
    </message>
    <message>
        <source>Làm theo thông báo ở trên, rồi bấm Thử lại.</source>
        <translation>Follow the notice above, then press Try again.</translation>
    </message>
    <message>
        <source>Đang chuẩn bị ký và gửi…</source>
        <translation>Preparing to sign and send…</translation>
    </message>
    <message>
        <source>Ký và gửi</source>
        <translation>Sign and send</translation>
    </message>
    <message>
        <source>Gửi</source>
        <translation>Send</translation>
    </message>
    <message>
        <source>Hồ sơ mới</source>
        <translation>New dossier</translation>
    </message>
    <message>
        <source>Đang mở quầy tiếp nhận</source>
        <translation>Opening the counter</translation>
    </message>
    <message>
        <source>Việc này mất vài giây.</source>
        <translation>This takes a few seconds.</translation>
    </message>
    <message>
        <source>Đang chờ trang đầu tiên</source>
        <translation>Waiting for the first page</translation>
    </message>
    <message>
        <source>Trang hiện ra ngay khi đã lưu.</source>
        <translation>Each page appears as soon as it is saved.</translation>
    </message>
    <message>
        <source>Đặt giấy vào máy quét</source>
        <translation>Put the papers into the scanner</translation>
    </message>
    <message>
        <source>Đặt tờ phân tách trước mỗi giấy tờ, rồi bấm F5.</source>
        <translation>Put a separator sheet before each document, then press F5.</translation>
    </message>
</context>
<context>
    <name>DevicesPanel</name>
    <message>
        <source>Máy quét</source>
        <translation>Scanners</translation>
    </message>
    <message>
        <source>Chưa biết máy nào. Bật máy quét rồi bấm Tìm máy quét.</source>
        <translation>No scanner is known yet. Switch one on, then press Find scanners.</translation>
    </message>
    <message>
        <source>Kết quả đo: cần xem lại (%1)</source>
        <translation>Measured: needs attention (%1)</translation>
    </message>
    <message>
        <source>Kết quả đo: đạt</source>
        <translation>Measured: good</translation>
    </message>
    <message>
        <source>đang dùng</source>
        <translation>in use</translation>
    </message>
    <message>
        <source>số máy %1</source>
        <translation>serial %1</translation>
    </message>
    <message>
        <source>kiểm tra %1: %2</source>
        <translation>tested %1: %2</translation>
    </message>
    <message>
        <source>chưa kiểm tra</source>
        <translation>not tested yet</translation>
    </message>
    <message numerus="yes">
        <source>%n trang đã quét</source>
        <translation>
            <numerusform>%n page scanned</numerusform>
            <numerusform>%n pages scanned</numerusform>
        </translation>
    </message>
    <message>
        <source>mạng</source>
        <translation>network</translation>
    </message>
    <message>
        <source>thư mục</source>
        <translation>folder</translation>
    </message>
    <message>
        <source>máy quét ảo</source>
        <translation>virtual scanner</translation>
    </message>
    <message>
        <source>đạt</source>
        <translation>good</translation>
    </message>
    <message>
        <source>mờ</source>
        <translation>blurred</translation>
    </message>
    <message>
        <source>kéo giấy lệch</source>
        <translation>draws paper in askew</translation>
    </message>
    <message>
        <source>có vệt</source>
        <translation>streaks</translation>
    </message>
    <message>
        <source>ám màu</source>
        <translation>colour cast</translation>
    </message>
    <message>
        <source>thiếu tương phản</source>
        <translation>too little contrast</translation>
    </message>
    <message>
        <source>sai tỷ lệ</source>
        <translation>out of scale</translation>
    </message>
</context>
<context>
    <name>DossierCard</name>
    <message>
        <source>Người nộp</source>
        <translation>Applicant</translation>
    </message>
    <message>
        <source>Thủ tục</source>
        <translation>Procedure</translation>
    </message>
    <message>
        <source>Thành phần hồ sơ</source>
        <translation>Documents of the dossier</translation>
    </message>
    <message>
        <source>Số định danh %1</source>
        <translation>Personal number %1</translation>
    </message>
    <message>
        <source>Không có số định danh</source>
        <translation>No personal number</translation>
    </message>
    <message>
        <source>Tiếp nhận %1</source>
        <translation>Received %1</translation>
    </message>
    <message>
        <source>Mã tạm; mã hồ sơ chính thức do máy chủ của tỉnh cấp</source>
        <translation>Temporary code; the province&apos;s server issues the official one</translation>
    </message>
</context>
<context>
    <name>EntryCard</name>
    <message>
        <source>Gửi lại</source>
        <translation>Send again</translation>
    </message>
    <message>
        <source>Gửi trước</source>
        <translation>Send first</translation>
    </message>
    <message>
        <source>Sửa hồ sơ</source>
        <translation>Mend the dossier</translation>
    </message>
    <message>
        <source>Chép thông tin</source>
        <translation>Copy details</translation>
    </message>
    <message>
        <source>Chờ gửi</source>
        <translation>Waiting</translation>
    </message>
    <message>
        <source>Đang gửi</source>
        <translation>Sending</translation>
    </message>
    <message>
        <source>Đã có biên nhận</source>
        <translation>Receipt kept</translation>
    </message>
    <message>
        <source>Cần xem lại</source>
        <translation>Needs a look</translation>
    </message>
    <message>
        <source>Bị trả lại</source>
        <translation>Sent back</translation>
    </message>
    <message>
        <source>niêm phong %1</source>
        <translation>sealed %1</translation>
    </message>
    <message>
        <source>gửi trước</source>
        <translation>goes first</translation>
    </message>
    <message numerus="yes">
        <source>đã thử %n lần</source>
        <translation>
            <numerusform>tried %n time</numerusform>
            <numerusform>tried %n times</numerusform>
        </translation>
    </message>
    <message>
        <source>thử lại lúc %1</source>
        <translation>tried again at %1</translation>
    </message>
    <message>
        <source>biên nhận %1</source>
        <translation>receipt of %1</translation>
    </message>
    <message>
        <source>Hồ sơ nói chung</source>
        <translation>The dossier as a whole</translation>
    </message>
    <message>
        <source>Mã: %1</source>
        <translation>Code: %1</translation>
    </message>
</context>
<context>
    <name>Feeding</name>
    <message>
        <source>Quét tiếp</source>
        <translation>Scan more</translation>
    </message>
    <message>
        <source>Quét</source>
        <translation>Scan</translation>
    </message>
    <message>
        <source>Đang nhập tệp…</source>
        <translation>Taking the files…</translation>
    </message>
    <message>
        <source>Đang gọi máy quét…</source>
        <translation>Calling the scanner…</translation>
    </message>
    <message>
        <source>Đang chờ giấy hoặc nút bấm trên máy quét…</source>
        <translation>Waiting for paper or the scanner&apos;s button…</translation>
    </message>
    <message>
        <source>Đang quét mặt sau…</source>
        <translation>Scanning the backs…</translation>
    </message>
    <message>
        <source>Nhập tệp đã quét</source>
        <translation>Take scanned files</translation>
    </message>
    <message>
        <source>Trang đã quét (%1)</source>
        <translation>Scanned pages (%1)</translation>
    </message>
    <message>
        <source>Đếm số tờ</source>
        <translation>Count sheets</translation>
    </message>
    <message>
        <source>Số tờ giấy của hồ sơ, không kể tờ phân tách (0 là không đếm):</source>
        <translation>Sheets of paper in the dossier, separator sheets not among them (0 for no count):</translation>
    </message>
    <message>
        <source>Đặt tờ cần quét lại vào khay, ảnh mới sẽ thay trang %1.</source>
        <translation>Put the sheet to be scanned again into the feeder; the new image takes the place of page %1.</translation>
    </message>
    <message>
        <source>Đặt tờ cần chèn vào khay, trang mới sẽ đứng sau trang %1.</source>
        <translation>Put the sheet to be inserted into the feeder; the new page comes after page %1.</translation>
    </message>
    <message>
        <source>Bóc giấy nhớ, đặt lại tờ vào khay: ảnh mới đứng sau trang %1.</source>
        <translation>Take the note off and put the sheet back: the new image comes behind page %1.</translation>
    </message>
    <message>
        <source>Tờ cuối đã nhận đang hiện ở trên: nạp lại từ tờ kế tiếp, rồi bấm Quét tiếp.</source>
        <translation>The last sheet received is shown above: feed from the next one on, then press Scan more.</translation>
    </message>
</context>
<context>
    <name>FieldBox</name>
    <message>
        <source>Đã xác nhận</source>
        <translation>Confirmed</translation>
    </message>
    <message>
        <source>Viết tay: xem ảnh rồi gõ vào</source>
        <translation>Handwritten: look at the image and type it</translation>
    </message>
    <message>
        <source>Chưa thấy gì ở chỗ này: xem ảnh</source>
        <translation>Nothing was found here: look at the image</translation>
    </message>
    <message>
        <source>Giá trị không thể có: xem ảnh</source>
        <translation>This cannot be: look at the image</translation>
    </message>
    <message>
        <source>Không đọc được: xem ảnh</source>
        <translation>Not readable: look at the image</translation>
    </message>
    <message>
        <source>Máy đã sửa chữ đọc nhầm: xem lại</source>
        <translation>Look-alike letters were put right: check it</translation>
    </message>
    <message>
        <source>Hai chỗ trên giấy khác nhau: xem lại</source>
        <translation>Two places on the paper disagree: check it</translation>
    </message>
    <message>
        <source>Cần xác nhận</source>
        <translation>To be confirmed</translation>
    </message>
</context>
<context>
    <name>FieldsPanel</name>
    <message>
        <source>Dữ liệu bóc tách</source>
        <translation>Data from the paper</translation>
    </message>
</context>
<context>
    <name>Figures</name>
    <message>
        <source>còn vài giây</source>
        <translation>a few seconds left</translation>
    </message>
    <message>
        <source>còn khoảng %1 giây</source>
        <translation>about %1 seconds left</translation>
    </message>
    <message>
        <source>còn khoảng %1 phút</source>
        <translation>about %1 min left</translation>
    </message>
</context>
<context>
    <name>Foot</name>
    <message>
        <source>Đang dừng…</source>
        <translation>Stopping…</translation>
    </message>
    <message>
        <source>Hồ sơ đã có biên nhận. Bấm F2 để tiếp nhận người tiếp theo.</source>
        <translation>The dossier has its receipt. Press F2 for the next applicant.</translation>
    </message>
    <message>
        <source>Điền người nộp và thủ tục, đặt giấy vào máy quét, rồi bấm F5.</source>
        <translation>Fill in applicant and procedure, put the papers into the scanner, then press F5.</translation>
    </message>
    <message>
        <source>Giấy tờ đã ký. Bấm F9 để gửi.</source>
        <translation>The documents are signed. Press F9 to send them.</translation>
    </message>
    <message>
        <source>Xem lại các trang, rồi bấm F9 để ký và gửi.</source>
        <translation>Look over the pages, then press F9 to sign and send.</translation>
    </message>
    <message>
        <source>Đặt lại tờ giấy rồi quét lại hoặc chèn lại, hoặc bấm F9 để ký và gửi.</source>
        <translation>Put the sheet in and scan or insert it again, or press F9 to sign and send.</translation>
    </message>
    <message>
        <source>Đặt phần giấy còn lại vào máy quét, rồi bấm F5 để quét tiếp.</source>
        <translation>Put the remaining papers into the scanner, then press F5 to go on.</translation>
    </message>
    <message>
        <source>Đặt giấy vào máy quét, rồi bấm F5.</source>
        <translation>Put the papers into the scanner, then press F5.</translation>
    </message>
    <message>
        <source>Máy chủ tập huấn</source>
        <translation>Training server</translation>
    </message>
    <message>
        <source>Thiết bị ký tập huấn</source>
        <translation>Training token</translation>
    </message>
    <message numerus="yes">
        <source>%n hồ sơ chờ gửi</source>
        <translation>
            <numerusform>%n dossier to send</numerusform>
            <numerusform>%n dossiers to send</numerusform>
        </translation>
    </message>
    <message>
        <source>Không có hồ sơ chờ gửi</source>
        <translation>Nothing waiting to be sent</translation>
    </message>
    <message numerus="yes">
        <source>%n hồ sơ cần xem lại</source>
        <translation>
            <numerusform>%n dossier needs a look</numerusform>
            <numerusform>%n dossiers need a look</numerusform>
        </translation>
    </message>
    <message>
        <source>Đường truyền: chưa dùng</source>
        <translation>Line: not used yet</translation>
    </message>
    <message>
        <source>Đường truyền tốt</source>
        <translation>Line is good</translation>
    </message>
    <message>
        <source>Mất đường truyền</source>
        <translation>Line is down</translation>
    </message>
    <message>
        <source>Thiết bị ký: chưa dùng</source>
        <translation>Token: not used yet</translation>
    </message>
    <message>
        <source>Thiết bị ký sẵn sàng</source>
        <translation>Token is ready</translation>
    </message>
    <message>
        <source>Không thấy thiết bị ký</source>
        <translation>Token not found</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Sohoa – Quầy tiếp nhận</source>
        <translation>Sohoa – Reception counter</translation>
    </message>
    <message>
        <source>TẬP HUẤN – không gửi hồ sơ thật</source>
        <translation>TRAINING – no real dossier is sent</translation>
    </message>
    <message>
        <source>Hồ sơ chưa xong</source>
        <translation>Unfinished dossiers</translation>
    </message>
    <message>
        <source>Đang mở phòng tập huấn…</source>
        <translation>Opening the training room…</translation>
    </message>
    <message>
        <source>Đang mở quầy…</source>
        <translation>Opening the counter…</translation>
    </message>
    <message>
        <source>Công việc đang chạy. Dừng và đóng chương trình?</source>
        <translation>Work is under way. Stop it and close the program?</translation>
    </message>
    <message>
        <source>Các trang đã lưu được giữ nguyên và làm tiếp được ở lần mở sau.</source>
        <translation>Saved pages are kept, and you can go on with them at the next start.</translation>
    </message>
    <message>
        <source>Dừng và đóng</source>
        <translation>Stop and close</translation>
    </message>
    <message>
        <source>Ở lại</source>
        <translation>Stay</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Thông báo</source>
        <translation>Notice</translation>
    </message>
    <message>
        <source>Đóng thông báo</source>
        <translation>Close the notice</translation>
    </message>
    <message>
        <source>Mã: %1</source>
        <translation>Code: %1</translation>
    </message>
</context>
<context>
    <name>OutboxSheet</name>
    <message>
        <source>Hộp gửi</source>
        <translation>Outbox</translation>
    </message>
    <message>
        <source>Xuất ra USB…</source>
        <translation>Export to USB…</translation>
    </message>
    <message>
        <source>Nhận biên nhận từ USB…</source>
        <translation>Receipts from USB…</translation>
    </message>
    <message>
        <source>Đóng</source>
        <translation>Close</translation>
    </message>
    <message>
        <source>Cần xem lại</source>
        <translation>Needs a look</translation>
    </message>
    <message>
        <source>Đang chờ gửi</source>
        <translation>Waiting</translation>
    </message>
    <message>
        <source>Vừa có biên nhận</source>
        <translation>Delivered lately</translation>
    </message>
    <message>
        <source>Hộp gửi trống: chưa có gói hồ sơ nào được niêm phong.</source>
        <translation>The outbox is empty: no dossier has been sealed yet.</translation>
    </message>
    <message numerus="yes">
        <source>%n gói chờ</source>
        <translation>
            <numerusform>%n package waits</numerusform>
            <numerusform>%n packages wait</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n gói cần xem lại</source>
        <translation>
            <numerusform>%n needs a look</numerusform>
            <numerusform>%n need a look</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n gói bị trả lại</source>
        <translation>
            <numerusform>%n sent back</numerusform>
            <numerusform>%n sent back</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n gói đã có biên nhận</source>
        <translation>
            <numerusform>%n with receipt</numerusform>
            <numerusform>%n with receipt</numerusform>
        </translation>
    </message>
    <message>
        <source>Gửi tiếp</source>
        <translation>Go on sending</translation>
    </message>
    <message>
        <source>Tạm dừng gửi</source>
        <translation>Pause sending</translation>
    </message>
    <message numerus="yes">
        <source>Đang gửi: còn %n gói</source>
        <translation>
            <numerusform>Sending: %n package left</numerusform>
            <numerusform>Sending: %n packages left</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 KB/giây</source>
        <translation>%1 KB/s</translation>
    </message>
    <message>
        <source>Đang tạm dừng gửi: không gói nào được gửi cho tới khi bấm Gửi tiếp.</source>
        <translation>Sending is paused: no package is sent until you press Go on sending.</translation>
    </message>
    <message>
        <source>Chương trình tự thử lại lúc %1.</source>
        <translation>It is tried again by itself at %1.</translation>
    </message>
    <message>
        <source>Đồng hồ máy này lệch %1 giây so với máy chủ; hãy đặt lại ngày giờ.</source>
        <translation>This machine&apos;s clock is %1 seconds off the server&apos;s; set date and time right.</translation>
    </message>
    <message>
        <source>Chọn ổ USB để chép gói</source>
        <translation>Choose the drive for the packages</translation>
    </message>
    <message>
        <source>Chọn ổ USB mang biên nhận về</source>
        <translation>Choose the drive that brought receipts</translation>
    </message>
    <message numerus="yes">
        <source>Đã chép %n gói ra USB; các gói vẫn nằm trong hộp gửi.</source>
        <translation>
            <numerusform>%n package copied to the drive; it is still in the outbox.</numerusform>
            <numerusform>%n packages copied to the drive; they are still in the outbox.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Đã nhận %n biên nhận.</source>
        <translation>
            <numerusform>%n receipt taken in.</numerusform>
            <numerusform>%n receipts taken in.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PageDesk</name>
    <message>
        <source>Vừa trang</source>
        <translation>Fit page</translation>
    </message>
    <message>
        <source>Vừa ngang</source>
        <translation>Fit width</translation>
    </message>
</context>
<context>
    <name>PageFacts</name>
    <message>
        <source>Độ tin cậy nhận dạng</source>
        <translation>Reading confidence</translation>
    </message>
    <message>
        <source>Khổ giấy</source>
        <translation>Paper size</translation>
    </message>
    <message>
        <source>Độ phân giải</source>
        <translation>Resolution</translation>
    </message>
    <message>
        <source>Tờ và mặt</source>
        <translation>Sheet and side</translation>
    </message>
    <message>
        <source>Quét lúc</source>
        <translation>Scanned</translation>
    </message>
    <message>
        <source>Chọn một trang để xem thông tin của trang.</source>
        <translation>Select a page to see what is known of it.</translation>
    </message>
    <message>
        <source>Thông tin trang</source>
        <translation>Page</translation>
    </message>
    <message>
        <source>Tờ phân tách</source>
        <translation>Separator</translation>
    </message>
    <message>
        <source>Trang %1</source>
        <translation>Page %1</translation>
    </message>
    <message>
        <source>Chưa rõ thuộc giấy tờ nào</source>
        <translation>Document not known yet</translation>
    </message>
    <message>
        <source>Tờ %1, mặt %2</source>
        <translation>Sheet %1, side %2</translation>
    </message>
    <message>
        <source>Quét lại lúc %1, ảnh cũ giữ trong lịch sử</source>
        <translation>Scanned again on %1, the old image is kept in the history</translation>
    </message>
    <message>
        <source>Chờ nhận dạng</source>
        <translation>Waiting to be read</translation>
    </message>
    <message>
        <source>Không thấy chữ</source>
        <translation>No text found</translation>
    </message>
    <message>
        <source>Có vẻ là trang trắng</source>
        <translation>Seems to be blank</translation>
    </message>
    <message>
        <source>Có vẻ đã quét hai lần</source>
        <translation>Seems to have been scanned twice</translation>
    </message>
    <message>
        <source>Có thể bị lệch</source>
        <translation>May lie askew</translation>
    </message>
    <message>
        <source>Có thể bị ngược chiều</source>
        <translation>May be upside down</translation>
    </message>
    <message>
        <source>Khó đọc, cần xem lại</source>
        <translation>Hard to read, look it over</translation>
    </message>
    <message>
        <source>Có thể bị cắt mép</source>
        <translation>May be cut off at the edge</translation>
    </message>
    <message>
        <source>Có viền đen</source>
        <translation>Dark border</translation>
    </message>
    <message>
        <source>Ảnh bị ám màu</source>
        <translation>Colour cast</translation>
    </message>
    <message>
        <source>Hằn mực từ mặt sau</source>
        <translation>Ink shows through from the other side</translation>
    </message>
    <message>
        <source>Độ phân giải thấp</source>
        <translation>Low resolution</translation>
    </message>
    <message>
        <source>Ảnh mờ</source>
        <translation>Blurred image</translation>
    </message>
    <message>
        <source>Không đọc được ảnh</source>
        <translation>The image cannot be read</translation>
    </message>
</context>
<context>
    <name>PageMarks</name>
    <message>
        <source>Ngoài hồ sơ</source>
        <translation>Not in the dossier</translation>
    </message>
    <message>
        <source>Trang trắng?</source>
        <translation>Blank page?</translation>
    </message>
    <message>
        <source>Quét hai lần?</source>
        <translation>Scanned twice?</translation>
    </message>
    <message>
        <source>Có giấy nhớ</source>
        <translation>Note on it</translation>
    </message>
</context>
<context>
    <name>PageRail</name>
    <message>
        <source>Tờ phân tách</source>
        <translation>Separator</translation>
    </message>
    <message>
        <source>Trang %1</source>
        <translation>Page %1</translation>
    </message>
    <message>
        <source>Chờ nhận dạng</source>
        <translation>Waiting to be read</translation>
    </message>
    <message>
        <source>Không thấy chữ</source>
        <translation>No text found</translation>
    </message>
    <message>
        <source>Đã đọc · %1</source>
        <translation>Read · %1</translation>
    </message>
</context>
<context>
    <name>PinDialog</name>
    <message>
        <source>Ký và gửi hồ sơ</source>
        <translation>Sign and send the dossier</translation>
    </message>
    <message>
        <source>Mã PIN</source>
        <translation>PIN</translation>
    </message>
    <message>
        <source>Ký và gửi</source>
        <translation>Sign and send</translation>
    </message>
    <message numerus="yes">
        <source>Ký và gửi %n giấy tờ</source>
        <translation>
            <numerusform>Sign and send %n document</numerusform>
            <numerusform>Sign and send %n documents</numerusform>
        </translation>
    </message>
    <message>
        <source>Mỗi giấy tờ được lập thành một tệp PDF/A, cấp mã và ký số.</source>
        <translation>Each document becomes one PDF/A file with its code and a digital signature.</translation>
    </message>
    <message>
        <source>Mã PIN của thiết bị ký</source>
        <translation>PIN of the token</translation>
    </message>
    <message numerus="yes">
        <source>%n trang</source>
        <translation>
            <numerusform>%n page</numerusform>
            <numerusform>%n pages</numerusform>
        </translation>
    </message>
    <message>
        <source>chưa tách trang</source>
        <translation>pages not assigned</translation>
    </message>
    <message>
        <source>Mã PIN tập huấn là %1, đã điền sẵn. Mã này không bí mật.</source>
        <translation>The training PIN is %1 and has been filled in. It is no secret.</translation>
    </message>
    <message>
        <source>Vừa có lần nhập sai mã PIN. Nhập sai thêm nhiều lần, thiết bị sẽ bị khóa.</source>
        <translation>A wrong PIN was given lately. Some more and the token is locked.</translation>
    </message>
    <message>
        <source>Chỉ còn một lần nhập mã PIN: nếu sai, thiết bị sẽ bị khóa.</source>
        <translation>One try is left for the PIN: if it is wrong, the token is locked.</translation>
    </message>
    <message>
        <source>Thiết bị đã bị khóa. Liên hệ đơn vị cấp chứng thư số để mở khóa.</source>
        <translation>The token is locked. Ask the issuer of the certificate to unlock it.</translation>
    </message>
    <message>
        <source>Mã PIN đã hết hạn. Đổi mã PIN bằng phần mềm của thiết bị trước khi ký.</source>
        <translation>The PIN has expired. Change it with the software of the token before signing.</translation>
    </message>
</context>
<context>
    <name>ProcedureBox</name>
    <message>
        <source>Gõ tên hoặc mã, không cần dấu</source>
        <translation>Type a name or code, without marks</translation>
    </message>
    <message>
        <source>Thủ tục</source>
        <translation>Procedure</translation>
    </message>
    <message>
        <source>Mở danh sách thủ tục</source>
        <translation>Open the list of procedures</translation>
    </message>
</context>
<context>
    <name>ProfileForm</name>
    <message>
        <source>Khay nạp, một mặt</source>
        <translation>Feeder, one side</translation>
    </message>
    <message>
        <source>Khay nạp, hai mặt</source>
        <translation>Feeder, both sides</translation>
    </message>
    <message>
        <source>Mặt kính</source>
        <translation>Glass</translation>
    </message>
    <message>
        <source>Màu</source>
        <translation>Colour</translation>
    </message>
    <message>
        <source>Xám</source>
        <translation>Grey</translation>
    </message>
    <message>
        <source>Đen trắng</source>
        <translation>Black and white</translation>
    </message>
    <message>
        <source>Dừng khi kéo hai tờ</source>
        <translation>Stop on two sheets at once</translation>
    </message>
    <message>
        <source>Cho qua</source>
        <translation>Let them pass</translation>
    </message>
    <message>
        <source>Như máy đang đặt</source>
        <translation>As the device is set</translation>
    </message>
    <message>
        <source>Đánh dấu mọi trang trắng</source>
        <translation>Mark every blank page</translation>
    </message>
    <message>
        <source>Chỉ đánh dấu mặt sau trắng</source>
        <translation>Mark blank backs only</translation>
    </message>
    <message>
        <source>Không xét trang trắng</source>
        <translation>Do not look for blank pages</translation>
    </message>
    <message>
        <source>Quản trị viên đã khóa: nhân bản để có bản sửa được.</source>
        <translation>Locked by the administrator: copy it to have one to change.</translation>
    </message>
    <message>
        <source>Lưu cấu hình</source>
        <translation>Save profile</translation>
    </message>
    <message>
        <source>Nguồn giấy</source>
        <translation>Paper source</translation>
    </message>
    <message>
        <source>Màu sắc</source>
        <translation>Colours</translation>
    </message>
    <message>
        <source>Độ phân giải</source>
        <translation>Resolution</translation>
    </message>
    <message>
        <source>Độ sáng</source>
        <translation>Brightness</translation>
    </message>
    <message>
        <source>Kéo hai tờ</source>
        <translation>Two sheets at once</translation>
    </message>
    <message>
        <source>Trang trắng</source>
        <translation>Blank pages</translation>
    </message>
    <message>
        <source>Tên gọi</source>
        <translation>Name</translation>
    </message>
</context>
<context>
    <name>ProgressStrip</name>
    <message>
        <source>Tiến độ</source>
        <translation>Progress</translation>
    </message>
    <message numerus="yes">
        <source>Đang quét · đã lưu %n trang</source>
        <translation>
            <numerusform>Scanning · %n page saved</numerusform>
            <numerusform>Scanning · %n pages saved</numerusform>
        </translation>
    </message>
    <message>
        <source>Đang gửi · %1 / %2</source>
        <translation>Sending · %1 / %2</translation>
    </message>
    <message>
        <source>Đang quét</source>
        <translation>Scanning</translation>
    </message>
    <message>
        <source>Đang nhận dạng</source>
        <translation>Reading</translation>
    </message>
    <message>
        <source>Đang lập PDF/A và cấp mã</source>
        <translation>Making PDF/A and codes</translation>
    </message>
    <message>
        <source>Đang ký số</source>
        <translation>Signing</translation>
    </message>
    <message>
        <source>Đang gửi</source>
        <translation>Sending</translation>
    </message>
    <message>
        <source>Đang làm việc</source>
        <translation>Working</translation>
    </message>
</context>
<context>
    <name>RailCounts</name>
    <message numerus="yes">
        <source>%n ảnh</source>
        <translation>
            <numerusform>%n image</numerusform>
            <numerusform>%n images</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n trang</source>
        <translation>
            <numerusform>%n page</numerusform>
            <numerusform>%n pages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n tờ phân tách</source>
        <translation>
            <numerusform>%n separator</numerusform>
            <numerusform>%n separators</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n trang trắng?</source>
        <translation>
            <numerusform>%n blank page?</numerusform>
            <numerusform>%n blank pages?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n trang quét hai lần?</source>
        <translation>
            <numerusform>%n page scanned twice?</numerusform>
            <numerusform>%n pages scanned twice?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RailView</name>
    <message>
        <source>Các trang</source>
        <translation>Pages</translation>
    </message>
</context>
<context>
    <name>ReceptionForm</name>
    <message>
        <source>Họ và tên</source>
        <translation>Full name</translation>
    </message>
    <message>
        <source>Như trên căn cước</source>
        <translation>As on the identity card</translation>
    </message>
    <message>
        <source>Số định danh cá nhân</source>
        <translation>Personal number</translation>
    </message>
    <message>
        <source>12 chữ số</source>
        <translation>12 digits</translation>
    </message>
    <message>
        <source>Chọn một thủ tục trong danh sách.</source>
        <translation>Choose a procedure from the list.</translation>
    </message>
    <message>
        <source>Chọn ít nhất một giấy tờ để quét.</source>
        <translation>Choose at least one document to scan.</translation>
    </message>
    <message>
        <source>Nhập họ và tên người nộp.</source>
        <translation>Enter the applicant&apos;s full name.</translation>
    </message>
    <message>
        <source>Số định danh có 12 chữ số (9 trên thẻ cũ).</source>
        <translation>A personal number has 12 digits (9 on old cards).</translation>
    </message>
    <message>
        <source>Người nộp</source>
        <translation>Applicant</translation>
    </message>
    <message>
        <source>Thủ tục</source>
        <translation>Procedure</translation>
    </message>
    <message>
        <source>Thành phần hồ sơ</source>
        <translation>Documents of the dossier</translation>
    </message>
</context>
<context>
    <name>ResultView</name>
    <message>
        <source>Số biên nhận</source>
        <translation>Receipt number</translation>
    </message>
    <message>
        <source>Đã gửi tới máy chủ tập huấn, đã có biên nhận</source>
        <translation>Sent to the training server, receipt in hand</translation>
    </message>
    <message>
        <source>Đã gửi, đã có biên nhận của tỉnh</source>
        <translation>Sent, with the province&apos;s receipt</translation>
    </message>
    <message>
        <source>%1 nhận lúc %2</source>
        <translation>%1 received it at %2</translation>
    </message>
    <message>
        <source>Máy chủ</source>
        <translation>The server</translation>
    </message>
    <message>
        <source>Máy chủ nhận đúng gói đã gửi · SHA-256 %1…</source>
        <translation>The server has exactly the package that was sent · SHA-256 %1…</translation>
    </message>
    <message>
        <source>Mã băm của máy chủ khác gói đã gửi · %1…</source>
        <translation>The server&apos;s hash differs from the package sent · %1…</translation>
    </message>
    <message>
        <source>Thành phần</source>
        <translation>Document</translation>
    </message>
    <message>
        <source>Số trang</source>
        <translation>Pages</translation>
    </message>
    <message>
        <source>Mã tài liệu</source>
        <translation>Document code</translation>
    </message>
    <message>
        <source>Độ tin cậy</source>
        <translation>Confidence</translation>
    </message>
    <message>
        <source>Chữ ký</source>
        <translation>Signature</translation>
    </message>
    <message>
        <source>Dung lượng</source>
        <translation>Size</translation>
    </message>
    <message>
        <source>Xem lại các trang</source>
        <translation>Look at the pages again</translation>
    </message>
</context>
<context>
    <name>Righting</name>
    <message>
        <source>Chỉnh thẳng trang</source>
        <translation>Straighten page</translation>
    </message>
    <message>
        <source>Xoay thêm bao nhiêu độ (số âm: sang phải):</source>
        <translation>Turn further by how many degrees (negative: to the right):</translation>
    </message>
    <message>
        <source>Đã đọc lại trang này.</source>
        <translation>This page was read again.</translation>
    </message>
</context>
<context>
    <name>ScannersSheet</name>
    <message>
        <source>Máy quét và cấu hình</source>
        <translation>Scanners and profiles</translation>
    </message>
    <message>
        <source>Cấu hình quét</source>
        <translation>Scan profiles</translation>
    </message>
    <message>
        <source>Tìm máy quét</source>
        <translation>Find scanners</translation>
    </message>
    <message>
        <source>Quét trang kiểm tra</source>
        <translation>Scan the test page</translation>
    </message>
    <message>
        <source>Dừng</source>
        <translation>Stop</translation>
    </message>
    <message>
        <source>Lưu trang kiểm tra để in…</source>
        <translation>Save the test page to print…</translation>
    </message>
    <message>
        <source>Xuất CSV…</source>
        <translation>Export CSV…</translation>
    </message>
    <message>
        <source>Nhân bản</source>
        <translation>Copy</translation>
    </message>
    <message>
        <source>Nhập TOML…</source>
        <translation>Import TOML…</translation>
    </message>
    <message>
        <source>Xuất TOML…</source>
        <translation>Export TOML…</translation>
    </message>
    <message>
        <source>Đóng</source>
        <translation>Close</translation>
    </message>
    <message>
        <source>thường dùng</source>
        <translation>usual</translation>
    </message>
    <message>
        <source>đã khóa</source>
        <translation>locked</translation>
    </message>
    <message>
        <source>Đang hỏi các máy quét…</source>
        <translation>Asking the scanners…</translation>
    </message>
    <message>
        <source>Đang quét trang kiểm tra…</source>
        <translation>Scanning the test page…</translation>
    </message>
    <message>
        <source>Nhập cấu hình quét</source>
        <translation>Import scan profiles</translation>
    </message>
    <message>
        <source>Đã lưu cấu hình.</source>
        <translation>The profile is saved.</translation>
    </message>
    <message>
        <source>Đã nhân bản: bản sao sửa được.</source>
        <translation>Copied: the copy can be changed.</translation>
    </message>
    <message>
        <source>Đã lưu trang kiểm tra. In ở 100 %, đặt vào khay, bấm Quét trang kiểm tra.</source>
        <translation>The test page is saved. Print it at 100 %, put it into the feeder, press Scan the test page.</translation>
    </message>
    <message>
        <source>Đã xuất danh sách máy quét.</source>
        <translation>The list of scanners is written.</translation>
    </message>
    <message>
        <source>Đã xuất các cấu hình quét.</source>
        <translation>The profiles are written.</translation>
    </message>
    <message>
        <source>Đã nhập các cấu hình quét.</source>
        <translation>The profiles are taken in.</translation>
    </message>
    <message>
        <source>Máy quét</source>
        <translation>Scanners</translation>
    </message>
</context>
<context>
    <name>Section</name>
    <message numerus="yes">
        <source>và %n gói nữa</source>
        <translation>
            <numerusform>and %n more package</numerusform>
            <numerusform>and %n more packages</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Bảng phím tắt</source>
        <translation>Keyboard shortcuts</translation>
    </message>
</context>
<context>
    <name>Steps</name>
    <message>
        <source>Tiếp nhận</source>
        <translation>Reception</translation>
    </message>
    <message>
        <source>Quét</source>
        <translation>Scan</translation>
    </message>
    <message>
        <source>Ký và gửi</source>
        <translation>Sign and send</translation>
    </message>
    <message>
        <source>Biên nhận</source>
        <translation>Receipt</translation>
    </message>
    <message>
        <source>Bước: %1</source>
        <translation>Step: %1</translation>
    </message>
</context>
<context>
    <name>WordChoices</name>
    <message>
        <source>%1: hay là %2?</source>
        <translation>%1: or %2?</translation>
    </message>
</context>
</TS>
