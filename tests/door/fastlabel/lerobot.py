"""Writes a small LeRobot dataset into a folder; run by the Python of the client, which has what reads and writes such files."""

import json
import sys
from pathlib import Path

import pandas

ROOT = Path(sys.argv[1])
FILM = Path(sys.argv[2])
CAMERA = "observation.images.front"

(ROOT / "meta" / "episodes" / "chunk-000").mkdir(parents=True)
(ROOT / "data" / "chunk-000").mkdir(parents=True)
(ROOT / "videos" / CAMERA / "chunk-000").mkdir(parents=True)
names = {"observation.state": {"names": ["x", "y"]}, "action": {"names": ["x", "y"]}}
(ROOT / "meta" / "info.json").write_text(json.dumps({"codebase_version": "v3.0", "fps": 10, "features": names}))
(ROOT / "videos" / CAMERA / "chunk-000" / "file-000.mp4").write_bytes(FILM.read_bytes())
frames = [
    {
        "episode_index": episode,
        "frame_index": frame,
        "timestamp": frame / 10,
        "observation.state": [frame * 0.5, 1.0],
        "action": [0.0, 1.0],
    }
    for episode in (0, 1)
    for frame in (0, 1)
]
pandas.DataFrame(frames).to_parquet(ROOT / "data" / "chunk-000" / "file-000.parquet")
episodes = [
    {
        "episode_index": episode,
        "data/chunk_index": 0,
        "data/file_index": 0,
        "length": 2,
        f"videos/{CAMERA}/chunk_index": 0,
        f"videos/{CAMERA}/file_index": 0,
        f"videos/{CAMERA}/from_timestamp": episode * 0.2,
        f"videos/{CAMERA}/to_timestamp": episode * 0.2 + 0.2,
    }
    for episode in (0, 1)
]
pandas.DataFrame(episodes).to_parquet(ROOT / "meta" / "episodes" / "chunk-000" / "file-000.parquet")
