"""The scanners and the ways of scanning as a sheet beside the counter (máy quét và cấu hình)."""
