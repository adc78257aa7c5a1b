"""The door of SentiSight: images with labels, models that learn from them, predictions and similar images."""

from labelyard.server.door.sentisight import image, label, model, prediction, project
from labelyard.server.door.sentisight.door import DOOR

__all__ = ["DOOR", "image", "label", "model", "prediction", "project"]
