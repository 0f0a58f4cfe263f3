"""Lists as Qt's views read them (mô hình dữ liệu)."""
