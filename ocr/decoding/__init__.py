"""Files that anybody may have made, decoded in a process of its own (giải mã cách ly).

A PDF or TIFF that crashes, hangs or fills its decoder costs that process and nothing else; the page it was at
becomes a coded fault and the next one is asked of a new process.
"""
