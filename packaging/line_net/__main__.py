"""`python packaging/line_net SOURCE.traineddata OUT.onnx`: makes the net that lines are read with."""

import sys
from pathlib import Path

from graph import build

if __name__ == "__main__":
    source, out = map(Path, sys.argv[1:])
    out.write_bytes(build(source).SerializeToString(deterministic=True))
