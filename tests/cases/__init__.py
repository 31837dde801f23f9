"""Small files that people really have and programs like this often read wrongly; made of the demo actor."""

from pathlib import Path

CASES = Path(__file__).parent
