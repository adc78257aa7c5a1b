"""Assets: lists, changes and their way through the workflow."""

from __future__ import annotations

import json
from typing import Any

from tests.sdk.every_method.rooms.given import (
    a_label,
    a_label_without_steps,
    an_asset,
    an_asset_of_a_member,
    of_asset,
    of_assets,
)
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World

URL = "https://files.example/new.png"


async def a_skipped_asset(world: World) -> Names:
    made = await an_asset(world)
    await world.send(
        'mutation ($id: ID!) { data: skipAsset(reason: "blurred", where: {id: $id}) { id } }', {"id": made["asset"]}
    )
    return made


async def metadata(world: World, names: Names) -> Any:
    return json.loads((await world.read(of_asset("jsonMetadata"), names))[0]["jsonMetadata"])


DELFT = {"city": "Delft"}

ROWS: list[Row] = [
    row(
        "assets",
        given=an_asset,
        call={"project_id": "$project", "fields": ["id", "externalId", "content"]},
        answer=[
            {"id": "$asset", "externalId": "street-0", "content": "https://files.example/street-0.png"},
            {"id": "$other", "externalId": "street-1", "content": "https://files.example/street-1.png"},
        ],
    ),
    row(
        "domain:assets.list",
        "domain:assets.list_as_generator",
        given=an_asset,
        call={
            "project_id": "$project",
            "fields": ["id", "externalId"],
            "filter": {"external_id_strictly_in": ["street-1"]},
        },
        answer=[{"id": "$other", "externalId": "street-1"}],
    ),
    row("count_assets", given=an_asset, call={"project_id": "$project"}, answer=2),
    row(
        "domain:assets.count",
        given=an_asset,
        call={"project_id": "$project", "filter": {"external_id_strictly_in": ["street-1"]}},
        answer=1,
    ),
    row(
        "update_properties_in_asset 2.1.1",  # the external id goes by a name that the document does not use
        given=an_asset_of_a_member,
        call={
            "asset_id": "$asset",
            "external_id": "first",
            "priority": 7,
            "json_metadata": {"n": 2},
            "to_be_labeled_by": ["$member_email"],
            "content": URL,
            "is_used_for_consensus": True,
            "is_honeypot": True,
        },
        read=of_asset(
            "externalId priority jsonMetadata content isUsedForConsensus isHoneypot toBeLabeledBy { user { email } }"
        ),
        before=[
            {
                "externalId": "street-0",
                "priority": 0,
                "jsonMetadata": '{"city": "Delft"}',
                "content": "https://files.example/street-0.png",
                "isUsedForConsensus": False,
                "isHoneypot": False,
                "toBeLabeledBy": [],
            }
        ],
        after=[
            {
                "externalId": "street-0",
                "priority": 7,
                "jsonMetadata": '{"n": 2}',
                "content": URL,
                "isUsedForConsensus": True,
                "isHoneypot": True,
                "toBeLabeledBy": [{"user": {"email": "$member_email"}}],
            }
        ],
    ),
    row(
        "update_properties_in_assets 2.60.0..",
        given=an_asset_of_a_member,
        call={
            "asset_ids": ["$asset"],
            "priorities": [7],
            "json_metadatas": [{"n": 2}],
            "to_be_labeled_by_array": [["$member_email"]],
            "contents": [URL],
            "is_used_for_consensus_array": [True],
            "is_honeypot_array": [True],
        },
        read=of_asset("priority content isUsedForConsensus isHoneypot toBeLabeledBy { user { email } }"),
        before=[
            {
                "priority": 0,
                "content": "https://files.example/street-0.png",
                "isUsedForConsensus": False,
                "isHoneypot": False,
                "toBeLabeledBy": [],
            }
        ],
        after=[
            {
                "priority": 7,
                "content": URL,
                "isUsedForConsensus": True,
                "isHoneypot": True,
                "toBeLabeledBy": [{"user": {"email": "$member_email"}}],
            }
        ],
    ),
    row(
        "update_properties_in_assets 2.60.0..2.120.0",
        given=an_asset,
        call={"asset_ids": ["$asset"], "external_ids": ["first"]},
        read=of_assets("externalId"),
        before=[{"externalId": "street-0"}, {"externalId": "street-1"}],
        after=[{"externalId": "first"}, {"externalId": "street-1"}],
    ),
    row(
        "change_asset_external_ids 2.140.0..",
        "domain:assets.update_external_id",
        given=an_asset,
        call={"asset_ids": ["$asset"], "new_external_ids": ["first"]},
        read=of_assets("externalId"),
        before=[{"externalId": "street-0"}, {"externalId": "street-1"}],
        after=[{"externalId": "first"}, {"externalId": "street-1"}],
    ),
    row(
        "add_metadata 2.176.1..",
        "domain:assets.add_metadata",
        given=an_asset,
        call={"project_id": "$project", "asset_ids": ["$asset"], "json_metadata": [{"n": 2}]},
        read=metadata,
        before=DELFT,
        after={**DELFT, "n": 2},
    ),
    row(
        "set_metadata 2.176.1..",
        "domain:assets.set_metadata",
        given=an_asset,
        call={"project_id": "$project", "asset_ids": ["$asset"], "json_metadata": [{"n": 2}]},
        read=metadata,
        before=DELFT,
        after={"n": 2},
    ),
    row(
        "domain:assets.update_processing_parameter",
        given=an_asset,
        call={"project_id": "$project", "asset_id": "$asset", "processing_parameter": {"framesPlayedPerSecond": 5}},
        read=metadata,
        before=DELFT,
        after={"processingParameters": {"framesPlayedPerSecond": 5}},
    ),
    row(
        "assign_assets_to_labelers 2.176.1..",
        "domain:assets.assign",
        given=an_asset_of_a_member,
        call={"asset_ids": ["$asset"], "to_be_labeled_by_array": [["$member"]]},
        read=of_asset("toBeLabeledBy { user { email } }"),
        before=[{"toBeLabeledBy": []}],
        after=[{"toBeLabeledBy": [{"user": {"email": "$member_email"}}]}],
    ),
    row(
        "set_assets_priority 26.2.4",
        "domain:assets.set_priority 26.2.4",
        "domain:assets.update_priority 25.2.10",
        given=an_asset,
        call={"asset_ids": ["$asset"], "priority": 3},
        read=of_assets("priority"),
        before=[{"priority": 0}, {"priority": 0}],
        after=[{"priority": 3}, {"priority": 0}],
    ),
    row(
        "domain:assets.update_priority",
        given=an_asset,
        call={"asset_ids": ["$asset"], "priorities": [3]},
        read=of_assets("priority"),
        before=[{"priority": 0}, {"priority": 0}],
        after=[{"priority": 3}, {"priority": 0}],
    ),
    row(
        "update_asset_consensus 26.2.4",
        "domain:assets.update_consensus 26.2.4",
        given=an_asset,
        call={"project_id": "$project", "asset_id": "$asset", "is_consensus": True},
        read=of_assets("isUsedForConsensus"),
        before=[{"isUsedForConsensus": False}, {"isUsedForConsensus": False}],
        after=[{"isUsedForConsensus": True}, {"isUsedForConsensus": False}],
    ),
    row(
        "skip_or_unskip 25.2.10..",
        given=an_asset,
        call={"project_id": "$project", "asset_id": "$asset", "action": "skip", "reason": "blurred"},
        read=of_asset("skipped"),
        before=[{"skipped": False}],
        after=[{"skipped": True}],
        answer="$asset",
    ),
    row(
        "domain:assets.skip",
        given=an_asset,
        call={"project_id": "$project", "asset_id": "$asset", "reason": "blurred"},
        read=of_asset("skipped"),
        before=[{"skipped": False}],
        after=[{"skipped": True}],
        answer="$asset",
    ),
    row(
        "skip_or_unskip 25.2.10..",
        given=a_skipped_asset,
        call={"project_id": "$project", "asset_id": "$asset", "action": "unskip"},
        read=of_asset("skipped"),
        before=[{"skipped": True}],
        after=[{"skipped": False}],
    ),
    row(
        "domain:assets.unskip",
        given=a_skipped_asset,
        call={"project_id": "$project", "asset_id": "$asset"},
        read=of_asset("skipped"),
        before=[{"skipped": True}],
        after=[{"skipped": False}],
    ),
    row(
        "add_to_review 2.120.0..",
        "domain:assets.move_to_next_step",
        given=a_label_without_steps,
        call={"asset_ids": ["$asset"]},
        read=of_asset("status"),
        before=[{"status": "LABELED"}],
        after=[{"status": "TO_REVIEW"}],
    ),
    row(
        "send_back_to_queue 2.120.0..",
        "domain:assets.invalidate",
        given=a_label,
        call={"asset_ids": ["$asset"]},
        read=of_asset("status latestLabel { isSentBackToQueue }"),
        before=[{"status": "LABELED", "latestLabel": {"isSentBackToQueue": False}}],
        after=[{"status": "ONGOING", "latestLabel": {"isSentBackToQueue": True}}],
    ),
    row(
        "delete_many_from_dataset",
        "domain:assets.delete",
        given=an_asset,
        call={"asset_ids": ["$asset"]},
        read=of_assets("externalId"),
        before=[{"externalId": "street-0"}, {"externalId": "street-1"}],
        after=[{"externalId": "street-1"}],
    ),
]
