"""The workstation itself, in the clerk's words (trạm số hóa)."""
