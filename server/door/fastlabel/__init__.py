"""FastLabel v1: the routes that the released `fastlabel` packages call, one module for each noun."""

from labelyard.server.door.fastlabel import (
    annotation_class,
    comment,
    dataset,
    file,
    integrate,
    model,
    people,
    project,
    tag,
    task,
)
from labelyard.server.door.fastlabel.door import DOOR

ROOMS = (project, annotation_class, task, tag, comment, people, file, dataset, integrate, model)

__all__ = ["DOOR", "ROOMS"]
