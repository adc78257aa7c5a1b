"""The export of conversations in 26.2.4, whose own list of assets loses what its exporter needs: `kili.llm.export` ends with
`KeyError: 'annotations'` on every labeled conversation, whatever the server. The exporter gets the same list with the annotations.
"""

from kili.adapters.kili_api_gateway.asset.operations import get_assets_query
from kili.adapters.kili_api_gateway.helpers.queries import fragment_builder
from kili.adapters.kili_api_gateway.label.common import get_annotation_fragment
from kili.client import Kili
from kili.llm.services.export import ASSET_DYNAMIC_NEEDED_FIELDS, preprocess_assets
from kili.llm.services.export.export_llm_static_or_dynamic import LLMExporter


def export(kili: Kili, project_id: str, interface: dict, **where: object) -> list:
    fragments = {"labels": f"annotations {{ {get_annotation_fragment()} }}"}
    query = get_assets_query(fragment_builder(ASSET_DYNAMIC_NEEDED_FIELDS, fragments))
    variables = {"where": {"project": {"id": project_id}, **where}, "first": 100, "skip": 0}
    assets = kili.kili_api_gateway.graphql_client.execute(query, variables)["data"]
    labeled = preprocess_assets(assets, False, ["DEFAULT", "REVIEW"])
    return LLMExporter(kili.kili_api_gateway).export(labeled, interface)
