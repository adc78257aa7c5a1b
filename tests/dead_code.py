"""Code of the product that nothing in the product uses: `python -m tests.dead_code`, a part of `make lint`.

vulture also lists what frameworks find by name. Class attributes (fields of GraphQL types, of tables, of settings) are left out:
the schema test, the migrations and the settings page hold those. The rest is named here with what uses it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from vulture import Vulture  # type: ignore[import-untyped]

PACKAGES = ("domain", "storage", "services", "resolvers", "server")
DECLARED_BY = (
    "@query",
    "@mutation",
    "@*.command",
    "@*.callback",
    "@strawberry.*",
    "@field_validator",
    "@model_validator",
    "@job_handler",
    "@DOOR.*",
)
FOUND_BY_NAME = {
    "__getitem__": "declared by a protocol",
    "MAX_IMAGE_PIXELS": "read by Pillow",
    "RetryLater": "raised by handlers of jobs",
    "__signature__": "read by Strawberry",
    "background": "read by Starlette",
    "_writer": "keeps a task from being collected",
    "cancel": "of jobs, by rooms that start them",
    "checkpoint": "called by handlers of jobs",
    "created_by": "read by handlers of jobs",
    "compress_type": "read by zipfile",
    "enqueue": "of jobs, by rooms that start them",
    "external_attr": "read by zipfile",
    **dict.fromkeys(("__path__", "has_location"), "read by importlib"),
    "force_exit": "read by uvicorn",
    "handle_exit": "called by uvicorn",
    **dict.fromkeys(("inter_op_num_threads", "intra_op_num_threads"), "read by onnxruntime"),
    "persistent_load": "called by pickle",
    **dict.fromkeys(("readinto", "seekable"), "called by io.BufferedReader"),
    "job_state": "of jobs, by rooms that start them",
    "parse_literal": "called by graphql-core",
    "parse_value": "called by graphql-core",
    "quick_tally": "compared with the rules by a property",
    "prev": "of graphql-core's tokens, cleared",
    "read_selection": "of the schema, by rooms that are no GraphQL clients",
    "read_selection_by_ids": "of the schema, by rooms that are no GraphQL clients",
    **dict.fromkeys(
        ("new_file", "submit_answers", "find_project_by_slug", "project_records"),
        "of front doors, by the rooms of each",
    ),
    "redirect_slashes": "read by Starlette",
}


def main() -> int:
    """Print unused code and answer how much there is."""
    finder = Vulture(ignore_names=list(FOUND_BY_NAME), ignore_decorators=list(DECLARED_BY))
    finder.scavenge([str(Path(package)) for package in PACKAGES], exclude=["*/migration/versions/*"])
    unused = [item for item in finder.get_unused_code(min_confidence=60) if item.typ != "variable"]
    for item in unused:
        print(item.get_report())
    return min(len(unused), 1)


if __name__ == "__main__":
    sys.exit(main())
