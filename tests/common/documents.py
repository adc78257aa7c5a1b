"""Documents that more than one test sends, in the form of today's clients."""

APPEND_TO_LABELS = """
mutation ($data: AppendToLabelsData!, $where: AssetWhere!) { data: appendToLabels(data: $data, where: $where) { id } }"""
APPEND_MANY_LABELS = """
mutation ($data: AppendManyLabelsData!, $where: AssetWhere!) { data: appendManyLabels(data: $data, where: $where) { id } }"""
DELETE_LABELS = "mutation ($ids: [ID!]!) { data: deleteLabels(ids: $ids) }"
CREATE_PROJECT = "mutation ($data: CreateProjectData!) { data: createProject(data: $data) { id title } }"
UPDATE_PROJECT = """
mutation ($data: ProjectData!, $where: ProjectWhere!) { data: updatePropertiesInProject(data: $data, where: $where) { id } }"""
APPEND_MANY_ASSETS = """
mutation ($data: AppendManyAssetsData!, $where: ProjectWhere!) {
  data: appendManyAssets(data: $data, where: $where) { id externalId }
}"""
UPDATE_ASSETS = """
mutation ($dataArray: [AssetData!]!, $whereArray: [AssetWhere!]!) {
  data: updatePropertiesInAssets(data: $dataArray, where: $whereArray) { id }
}"""
ASSETS = """
query ($where: AssetWhere!, $first: PageSize!, $skip: Int!) {
  data: assets(where: $where, first: $first, skip: $skip) { %s }
}"""
COUNT_ASSETS = "query ($where: AssetWhere!) { data: countAssets(where: $where) }"
LABELS = """
query ($where: LabelWhere!, $first: PageSize!, $skip: Int!) {
  data: labels(where: $where, first: $first, skip: $skip) { %s }
}"""
COUNT_LABELS = "query ($where: LabelWhere!) { data: countLabels(where: $where) }"
