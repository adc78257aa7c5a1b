"""The assets of demonstration projects."""

from __future__ import annotations

import asyncio
import base64

from labelyard.domain.demo import DemoProject
from labelyard.domain.permission import Actor
from labelyard.services.app_services import AppServices
from labelyard.services.asset.import_check import CheckedImport, check_assets
from labelyard.storage.database import Database


async def demo_assets(
    database: Database, app_services: AppServices, actor: Actor, project_id: str, demo: DemoProject
) -> CheckedImport:
    """Draw and store the files of a demonstration project, for a project that is about to be created."""
    files = await asyncio.to_thread(demo.files)
    contents = [f"data:{kind};base64,{base64.b64encode(data).decode()}" for kind, data in files.values()]
    arrays = {"contentArray": contents, "externalIDArray": list(files)}
    return await check_assets(database, app_services, actor, project_id, arrays)
