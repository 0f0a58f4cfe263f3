"""The outbox: state, next try, reason, answer of each package; sending again, mending, drives (hộp gửi)."""
