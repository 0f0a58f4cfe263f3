"""The compact profile (hồ sơ gọn nhẹ): mixed raster content after ITU-T T.44, without symbols.

Paper is whitened and kept coarsely, black print becomes a sharp one-bit mask painted in its ink's colour,
seals, signatures and photographs are pictures of their own in between.
No shape is ever replaced by another one.
"""
