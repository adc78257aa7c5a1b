"""Demonstration projects: interfaces with a few assets, all made here."""

from labelyard.domain.demo.project import DEMOS, DemoProject, demo_of

__all__ = ["DEMOS", "DemoProject", "demo_of"]
