"""Tests of the bridge, without ROS."""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
PYTHON = FOLDER.parent.parent / "shared" / "python"

sys.path[:0] = [str(FOLDER), str(PYTHON)]
