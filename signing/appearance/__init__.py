"""What a signature or a code looks like on the page (hình thức hiển thị)."""
