"""Searchable PDF/A (PDF/A có lớp chữ): the visible image as it is, the words invisibly over it."""
