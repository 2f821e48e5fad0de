"""Load the sentence frames and split them into training and held-out sets."""

import hashlib
from functools import lru_cache
from pathlib import Path

FRAMES = Path(__file__).parent / "frames"
# Groups whose frames may be held out: large enough to keep variety.
SPLIT_GROUPS = ("single_d", "sign", "process", "organ", "drug", "social", "everyday", "family", "exam", "lab", "neg",
                "microbe", "surgery", "general")
FRAME_MODULUS = 11
ENTITY_MODULUS = 17


def digest(text: str) -> int:
    """A stable hash, the same on every machine and every run."""
    return int(hashlib.md5(text.encode("utf-8")).hexdigest()[:8], 16)


@lru_cache(maxsize=1)
def load_frames() -> dict[str, list[str]]:
    """All frames by group."""
    groups: dict[str, list[str]] = {}
    for path in sorted(FRAMES.glob("*.txt")):
        group = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("[[") and line.endswith("]]"):
                group = line[2:-2]
            elif line and not line.startswith("#"):
                groups.setdefault(group, []).append(line)
    return groups


def held_out_frame(group: str, frame: str) -> bool:
    """Whether a frame is kept for testing."""
    return group in SPLIT_GROUPS and digest(frame) % FRAME_MODULUS == 0


def held_out_entity(name: str) -> bool:
    """Whether a disease or drug is kept for testing."""
    return digest(name) % ENTITY_MODULUS == 0


def frames_of(group: str, held_out: bool | None) -> list[str]:
    """Frames of a group: training (False), held-out (True) or all (None)."""
    frames = load_frames()[group]
    if held_out is None:
        return frames
    return [f for f in frames if held_out_frame(group, f) == held_out]
