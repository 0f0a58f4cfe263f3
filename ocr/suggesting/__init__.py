"""What a doubtful word may be instead (gợi ý chữ): offered to a person, never put in the place of what was
read."""
