"""Renders office papers of made-up people: print, ink, wear, separator sheets (dựng giấy tờ mẫu).

`python -m resources.specimens.render FOLDER` writes the demo stack again.
"""
