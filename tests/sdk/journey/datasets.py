"""A dataset is filled, given to a project, changed and deleted."""

import secrets

from _support import finish
from kili.client import Kili

kili = Kili()
