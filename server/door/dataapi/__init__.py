"""The door of data tasks: projects with input and output fields, tasks of pictures and texts, and results."""

from labelyard.server.door.dataapi import project, result, task
from labelyard.server.door.dataapi.door import DOOR

__all__ = ["DOOR", "project", "result", "task"]
