"""Verbs of the counter: receive, capture, read, assign, build, sign, seal, deliver (nghiệp vụ số hóa)."""
