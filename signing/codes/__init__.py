"""Codes printed on the page before it is signed (mã tài liệu, mã QR)."""
