"""One folder for each screen of the window (màn hình)."""
