"""The project interface (`jsonInterface`): what can be answered on an asset."""

from labelyard.domain.interface.model import Category, Interface, Job, Option, PosePoint, RemovedName, removed_names
from labelyard.domain.interface.parse import InterfaceReport, parse_interface
from labelyard.domain.interface.rules import INTERFACE_RULES
from labelyard.domain.interface.vocabulary import Input, Level, MlTask, Tool

__all__ = [
    "INTERFACE_RULES",
    "Category",
    "Input",
    "Interface",
    "InterfaceReport",
    "Job",
    "Level",
    "MlTask",
    "Option",
    "PosePoint",
    "RemovedName",
    "Tool",
    "parse_interface",
    "removed_names",
]
