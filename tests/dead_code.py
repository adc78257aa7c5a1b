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
    "__signature__": "read by Strawberry",
    "background": "read by Starlette",
    **dict.fromkeys(("__path__", "has_location"), "read by importlib"),
    "fp": "read by zipfile",
    "handle_exit": "called by uvicorn",
    **dict.fromkeys(("inter_op_num_threads", "intra_op_num_threads"), "read by onnxruntime"),
    "persistent_load": "called by pickle",
    **dict.fromkeys(("readinto", "seekable"), "called by io.BufferedReader"),
    "parse_literal": "called by graphql-core",
    "quick_tally": "compared with the rules by a property",
    "prev": "of graphql-core's tokens, cleared",
    "redirect_slashes": "read by Starlette",
}


def main() -> int:
    """Print unused code, and names above that are used by now; answer whether there is any."""
    finder = Vulture(ignore_decorators=list(DECLARED_BY))
    finder.scavenge([str(Path(package)) for package in PACKAGES], exclude=["*/migration/versions/*"])
    found = [item for item in finder.get_unused_code(min_confidence=60) if item.typ != "variable"]
    unused = [item for item in found if item.name not in FOUND_BY_NAME]
    for item in unused:
        print(item.get_report())
    used = FOUND_BY_NAME.keys() - {item.name for item in found}
    for name in sorted(used):
        print(f"{Path(__file__).name}: {name!r} is used by the product; take it off the list")
    return int(bool(unused or used))


if __name__ == "__main__":
    sys.exit(main())
