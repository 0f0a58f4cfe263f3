"""Judging the signatures of a PDF (kiểm tra chữ ký): four findings, each with its reasons."""
