"""Models, endpoints and storage of the vendor: lists are empty, and what only the vendor has is refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from labelyard.domain.error import NotFound
from labelyard.domain.permission import Action
from labelyard.server.door.fastlabel.door import DOOR, project_named
from labelyard.server.door.rest import Call, not_offered

LISTED: Final = ("trainings", "evaluations")
CONNECTED: Final = (
    "reads storage that the vendor is connected to; here projects are connected to storage through GraphQL"
)


def _declare_list(name: str) -> None:
    @DOOR.get(f"/{name}")
    async def jobs(call: Call) -> object:
        """The jobs of the vendor's models, of which there are none."""
        del call
        return []

    @DOOR.get(f"/{name}/{{id}}")
    async def job(call: Call) -> object:
        """One job, of which there is none."""
        raise NotFound(
            f"There is no job {call.path['id'][:100]!r} of {name} that you may see.", id=call.path["id"][:100]
        )


for _name in LISTED:
    _declare_list(_name)


@DOOR.get("/auto-annotations")
async def auto_annotations(call: Call) -> object:
    """The automatic annotations of a project by the vendor's models, of which there are none."""
    await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    return []


REFUSED: Final = {
    "POST trainings": "trains models of the vendor",
    "POST evaluations": "evaluates models of the vendor",
    "POST auto-annotations": "annotates with models of the vendor",
    "POST model-endpoints/execute": "asks endpoints that the vendor runs",
    "POST model-monitorings/create": "watches endpoints that the vendor runs",
    "PUT storages/aws-s3/{slug}": CONNECTED,
    "POST tasks/aws-s3": CONNECTED,
    "GET tasks/import/status/aws-s3/{slug}": "tells of storage that the vendor is connected to",
    "POST tasks/integrated-image": "reads storage that the vendor is connected to; send the file with tasks/image",
    "POST tasks/integrated-image/classification": (
        "reads storage that the vendor is connected to; send the file with tasks/image/classification"
    ),
}
"""What this server does not do, by verb and path, and what each would do."""


def _declare_refusal(verb: str, path: str, what: str) -> None:
    async def refuse(call: Call) -> object:
        """Say that it is not done here."""
        del call
        return not_offered(f"{path} is not supported by this server: it {what}.")

    declare: Mapping[str, Callable[..., Any]] = {"GET": DOOR.get, "POST": DOOR.post, "PUT": DOOR.put}
    declare[verb](f"/{path}", Action.READ)(refuse)


for _route, _what in REFUSED.items():
    _verb, _, _path = _route.partition(" ")
    _declare_refusal(_verb, _path, _what)
