"""Who may do what, as data: one row for each operation, one letter for each caller.

The callers, in order: without a key, with an expired key, an administrator of another organization, a person of the same
organization outside the project; LABELER, REVIEWER, TEAM_MANAGER and ADMIN of the project; an administrator of the organization.

The letters: `+` answered with something; `0` answered with nothing to see (null, an empty list, zero); `~` answered, as for an id
that does not exist, and nothing changed; `U` UNAUTHENTICATED, `N` NOT_FOUND, `F` FORBIDDEN, `C` CONFLICT, `I` NOT_IMPLEMENTED,
`B` BAD_USER_INPUT.

In variables, `{name}` stands for what the world of a test holds (`tests/resolvers/test_permissions.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CALLERS = (
    "no key",
    "expired key",
    "administrator of another organization",
    "outside the project",
    "LABELER",
    "REVIEWER",
    "TEAM_MANAGER",
    "ADMIN",
    "administrator of the organization",
)
PAGE = "first: 10, skip: 0"
OWN = "UU+++++++"  # for everybody with a key, about themselves
READERS = "UU00+++++"  # everybody in the project sees it
NOT_LABELERS = "UU000++++"  # labelers see their own work only
MEMBERS = "UUNN+++++"  # everybody in the project may
REVIEWERS = "UUNNF++++"
MANAGERS = "UUNNFF+++"
ADMINS = "UUNNFFF++"
CONNECTORS = "UU00000++"  # who may connect a project to cloud storage
DELETERS = "UU~~FFF++"  # deleting what is not there succeeds
OWNER = "UUNN+FFF+"  # the labeler about themselves, and who administers the organization
DATASET_USERS = "UUNNNN+++"
DATASET_OWNER = "UUNNNNF++"
ORGANIZATION = "UU+FFFFF+"  # in their own organization: administrators
THIS_ORGANIZATION = "UUNFFFFF+"

ANSWER = '{"WEATHER":{"categories":[{"name":"RAIN","confidence":100}]}}'
ONE_JOB = '{"jobs":{"NOTES":{"mlTask":"TRANSCRIPTION","required":0,"isChild":false,"content":{"input":"textField"}}}}'
ONE_ASSET = {"contentArray": ["https://files.example/new.png"], "externalIDArray": ["{fresh}"]}
MEMBER = {"project": {"id": "{project}"}, "user": {"email": "{labeler_email}"}}


@dataclass(frozen=True)
class Row:
    """One document and what becomes of it for each caller."""

    kind: str
    name: str
    outcomes: str
    arguments: str
    variables: dict[str, Any]
    selection: str = "{ id }"
    case: str = ""

    @property
    def only_reads(self) -> bool:
        """Whether it leaves everything as it is; the queries for the next asset lock it."""
        return self.kind == "query" and not self.name.startswith("getNext")

    @property
    def title(self) -> str:
        """A readable id."""
        return f"{self.name} {self.case}".strip()

    @property
    def document(self) -> str:
        """The document: variables are declared by what the arguments say, as `$name: Type` between braces."""
        declared, _, call = self.arguments.rpartition(" -> ")
        head = f"({declared})" if declared else ""
        return f"{self.kind} {head} {{ data: {self.name}{call} {self.selection} }}"


def query(
    name: str, outcomes: str, arguments: str = "", selection: str = "{ id }", case: str = "", **given: Any
) -> Row:
    return Row("query", name, outcomes, arguments, given, selection, case)


def mutation(
    name: str, outcomes: str, arguments: str = "", selection: str = "{ id }", case: str = "", **given: Any
) -> Row:
    return Row("mutation", name, outcomes, arguments, given, selection, case)


def listed(name: str, where: str) -> str:
    """The arguments of a list."""
    return f"$where: {where}! -> (where: $where, {PAGE})"


def counted(where: str) -> str:
    return f"$where: {where}! -> (where: $where)"


ASSET = {"id": "{asset}"}
OTHER_ASSET = {"id": "{other_asset}"}
OPEN_ASSET = {"id": "{open_asset}"}
OUTCOME = "{ succeeded { assetId } declined { assetId } failed { assetId } }"
FLAT_LABEL = "$a: ID, $j: String -> (labelAssetID: $a, labelType: DEFAULT, jsonResponse: $j)"
ONE_LABEL = "$data: AppendToLabelsData!, $where: AssetWhere! -> (data: $data, where: $where)"
MANY_LABELS = "$data: AppendManyLabelsData!, $where: AssetWhere! -> (data: $data, where: $where)"
WITH_PROJECT = "$p: ID! -> (projectID: $p)"

QUERIES = [
    query("viewer", OWN),
    query("me", OWN),
    query("apiKeys", OWN, listed("apiKeys", "ApiKeyWhere"), where={}),
    query("apiKeys", "UU00+0000", listed("apiKeys", "ApiKeyWhere"), case="of another person", where={"user": {"id": "{labeler}"}}),
    query("countApiKeys", OWN, counted("ApiKeyWhere"), "", where={}),
    query("users", READERS, listed("users", "UserWhere"), where={"id": "{labeler}"}),
    query("users", NOT_LABELERS, listed("users", "UserWhere"), case="who work beside a labeler", where={"id": "{reviewer}"}),
    query("countUsers", READERS, counted("UserWhere"), "", where={"email": "{labeler_email}"}),
    query("getUser", READERS, "$e: String -> (email: $e)", e="{labeler_email}"),
    query("organizations", "UU0++++++", listed("organizations", "OrganizationWhere"), where={"id": "{organization}"}),
    query("countOrganizations", "UU0++++++", counted("OrganizationWhere"), "", where={"id": "{organization}"}),
    query("projects", READERS, listed("projects", "ProjectWhere"), where={"id": "{project}"}),
    query("countProjects", READERS, counted("ProjectWhere"), "", where={"id": "{project}"}),
    query("listPlugins", "UU00000++", "", "{ id name projectIds eventMatcher }"),
    query("countPlugins", "UU00000++", "$n: String -> (where: {pluginName: $n})", "", n="{webhook}"),
    query(
        "events", "UU00000++", "$w: EventsWhere! -> (where: $w, pagination: {})", "{ id event payload }",
        w={"projectId": "{project}"},
    ),
    query("getProject", READERS, "$p: ID -> (projectID: $p)", p="{project}"),
    query("getProjects", READERS, "$u: ID -> (userID: $u, first: 10, skip: 0)", u="{labeler}"),
    query("projectUsers", READERS, listed("projectUsers", "ProjectUserWhere"), where=MEMBER),
    query("countProjectUsers", READERS, counted("ProjectUserWhere"), "", where=MEMBER),
    query("assets", READERS, listed("assets", "AssetWhere"), where=ASSET),
    query("assets", NOT_LABELERS, listed("assets", "AssetWhere"), case="of others", where=OTHER_ASSET),
    query("countAssets", READERS, counted("AssetWhere"), "", where=ASSET),
    query("countAssets", NOT_LABELERS, counted("AssetWhere"), "", case="of others", where=OTHER_ASSET),
    query("countAssetAnnotations", READERS, counted("AssetWhere"), "", where=ASSET),
    query("getAsset", READERS, "$a: ID -> (assetID: $a)", a="{asset}"),
    query("getAsset", NOT_LABELERS, "$a: ID -> (assetID: $a)", case="of others", a="{other_asset}"),
    query("getAssets", READERS, "$p: ID -> (projectID: $p, first: 10, skip: 0)", p="{project}"),
    query(
        "getAssetsByExternalId", READERS, "$p: ID, $e: String -> (projectID: $p, externalID: $e)",
        p="{project}", e="{external}",
    ),
    query("getAssetsWithSearch", READERS, "$p: ID -> (projectID: $p, first: 10, skip: 0)", p="{project}"),
    query("countAssetsWithSearch", READERS, "$p: ID -> (projectID: $p)", "", p="{project}"),
    query("exportAssets", READERS, "$p: ID -> (projectID: $p)", p="{project}"),
    query(
        "filterExistingAssets", MEMBERS, "$p: ID!, $e: [String!]! -> (projectID: $p, externalIDs: $e)", "",
        p="{project}", e=["{external}"],
    ),
    query("labels", READERS, listed("labels", "LabelWhere"), where={"id": "{label}"}),
    query("labels", NOT_LABELERS, listed("labels", "LabelWhere"), case="of others", where={"id": "{other_label}"}),
    query("countLabels", READERS, counted("LabelWhere"), "", where={"id": "{label}"}),
    query("countLabels", NOT_LABELERS, counted("LabelWhere"), "", case="of others", where={"id": "{other_label}"}),
    query("getLabel", READERS, "$a: ID, $u: ID -> (assetID: $a, userID: $u)", a="{asset}", u="{labeler}"),
    query(
        "getLabel", NOT_LABELERS, "$a: ID, $u: ID -> (assetID: $a, userID: $u)", case="of others",
        a="{other_asset}", u="{reviewer}",
    ),
    query("getLatestLabels", READERS, "$p: ID -> (projectID: $p, first: 10, skip: 0)", p="{project}"),
    query("getLatestLabelsForUser", READERS, "$p: ID, $u: ID -> (projectID: $p, userID: $u)", p="{project}", u="{labeler}"),
    query(
        "getLatestLabelsForUser", NOT_LABELERS, "$p: ID, $u: ID -> (projectID: $p, userID: $u)", case="of others",
        p="{project}", u="{reviewer}",
    ),
    query("annotations", READERS, counted("AnnotationWhere"), "{ __typename }", where={"labelId": "{label}"}),
    query(
        "annotations", NOT_LABELERS, counted("AnnotationWhere"), "{ __typename }", case="of others",
        where={"labelId": "{other_label}"},
    ),
    query(
        "annotationFileUrl", "UUNNN++++",
        "$p: ID!, $a: ID!, $f: String! -> (projectId: $p, assetId: $a, fileId: $f)", "",
        p="{project}", a="{asset}", f="{file}",
    ),
    query("getTools", READERS, "$p: ID -> (projectID: $p)", p="{project}"),
    query("datasets", "UU0000+++", listed("datasets", "DatasetWhere"), where={"id": "{dataset}"}),
    query("countDatasets", "UU0000+++", counted("DatasetWhere"), "", where={"id": "{dataset}"}),
    query("datasetAssets", "UU0000+++", listed("datasetAssets", "DatasetAssetWhere"), where={"id": "{dataset_asset}"}),
    query("countDatasetAssets", "UU0000+++", counted("DatasetAssetWhere"), "", where={"dataset": {"id": "{dataset}"}}),
    query("createUploadBucketSignedUrls", OWN, '(filePaths: ["a.png"])', ""),
    query("listTagsByOrg", "UU0++++++"),
    query("projectExports", NOT_LABELERS, listed("projectExports", "ProjectExportWhere"), where={"id": "{export}"}),
    query("trainedModels", READERS, listed("trainedModels", "TrainedModelWhere"), where={"id": "{trained}"}),
    query("countTrainedModels", READERS, counted("TrainedModelWhere"), "", where={"id": "{trained}"}),
    query("trainedModelStatistics", MEMBERS, "$m: ID! -> (id: $m)", "{ images }", m="{trained}"),
    query(
        "trainedModelPredictions", REVIEWERS, "$m: ID! -> (id: $m, first: 10, skip: 0)", "{ assetId truth }", m="{trained}",
    ),
    query("predictAssets", "UUNN00000", "$m: ID! -> (id: $m, assetIds: [])", "{ assetId }", m="{trained}"),
    # of an asset that is no stored picture
    query("similarAssets", "UUNNNNNNN", "$a: ID! -> (assetId: $a, first: 10)", "{ searched }", a="{asset}"),
    query("similarPairs", "UUNN00000", "$p: ID! -> (projectId: $p, first: 10)", "{ score }", p="{project}"),
    query("learningLoop", MEMBERS, "$p: ID! -> (projectId: $p)", "{ everyLabels }", p="{project}"),
    query("countProjectExports", NOT_LABELERS, counted("ProjectExportWhere"), "", where={"id": "{export}"}),
    query("getPluginRunnerStatus", THIS_ORGANIZATION, "$n: String! -> (name: $n)", "", n="{plugin}"),
    query(
        "getPluginBuildErrors", THIS_ORGANIZATION, "$n: String! -> (data: {pluginName: $n})", "{ content }", n="{plugin}",
    ),
    query(
        "getPluginLogs", ADMINS, "$n: String!, $p: ID! -> (data: {pluginName: $n, projectId: $p})", "{ content }",
        n="{plugin}", p="{project}",
    ),
    query("listTagsByProject", MEMBERS, "$p: ID! -> (projectId: $p)", p="{project}"),
    query("projectVersions", READERS, listed("projectVersions", "ProjectVersionWhere"), where={"projectId": "{project}"}),
    query("countProjectVersions", READERS, counted("ProjectVersionWhere"), "", where={"projectId": "{project}"}),
    query("notifications", "UU00+0000", listed("notifications", "NotificationWhere"), where={"id": "{notification}"}),
    query("countNotifications", "UU00+0000", counted("NotificationWhere"), "", where={"id": "{notification}"}),
]  # fmt: skip

PEOPLE = [
    mutation("signIn", "UUUUUUUUU", '(email: "nobody@example.org", password: "wrong")', case="with a wrong password"),
    mutation("signOut", "UUBBBBBBB", "", "", case="with a key"),
    mutation("createUser", ORGANIZATION, "$data: CreateUserData! -> (data: $data)", data={"email": "{fresh}@example.org"}),
    mutation(
        "createUserFromEmailIfNotExists", MANAGERS,
        "$e: String, $p: String -> (name: \"Ada\", email: $e, organizationRole: USER, projectID: $p)",
        e="{fresh}@example.org", p="{project}",
    ),
    mutation(
        "updatePropertiesInUser", OWNER, "$data: UserData!, $where: UserWhere! -> (data: $data, where: $where)",
        data={"firstname": "X"}, where={"email": "{labeler_email}"},
    ),
    mutation(
        "updatePropertiesInUser", "UUNNFFFF+", "$data: UserData!, $where: UserWhere! -> (data: $data, where: $where)",
        case="to administrator", data={"organizationRole": "ADMIN"}, where={"email": "{labeler_email}"},
    ),
    mutation(
        "updatePropertiesInUser", "UUNNFFFF+", "$data: UserData!, $where: UserWhere! -> (data: $data, where: $where)",
        case="to another address", data={"email": "{fresh}@example.org"}, where={"email": "{labeler_email}"},
    ),
    mutation("updateUser", OWNER, "$u: ID -> (userID: $u, name: \"X Y\")", u="{labeler}"),
    mutation(
        "updatePassword", "UUNNUFFFF", "$data: UpdatePasswordData!, $where: UserWhere! -> (data: $data, where: $where)",
        case="with a wrong one", data={"oldPassword": "wrong", "newPassword1": "a better one", "newPassword2": "a better one"},
        where={"email": "{labeler_email}"},
    ),
    mutation("resetPassword", "UUIIIIIII", "$e: String -> (email: $e)", e="{labeler_email}"),
    mutation("deleteUser", THIS_ORGANIZATION, "$u: ID -> (userID: $u)", u="{labeler}"),
    mutation(
        "appendToApiKeys", OWNER, "$data: AppendToApiKeysData!, $where: UserWhere! -> (data: $data, where: $where)",
        data={"key": "{key}", "name": "k"}, where={"email": "{labeler_email}"},
    ),
    mutation("updateApiKey", OWNER, "$e: String, $k: String -> (email: $e, newApiKey: $k)", e="{labeler_email}", k="{key}"),
    mutation(
        "updatePropertiesInOrganization", THIS_ORGANIZATION,
        "$data: OrganizationData!, $where: OrganizationWhere! -> (data: $data, where: $where)",
        data={"city": "X"}, where={"id": "{organization}"},
    ),
    mutation("createOrganization", ORGANIZATION, '(data: { name: "New" })'),
    mutation("createOrganization", ORGANIZATION, '(name: "New", city: "X")', case="flat"),
    mutation(
        "deleteOrganization", "UUNFFFFFC", "$o: ID -> (organizationID: $o)", o="{organization}",
    ),
    mutation("updateOrganization", THIS_ORGANIZATION, '$o: ID -> (organizationID: $o, city: "X")', o="{organization}"),
    mutation("createNotification", OWN, '(data: { message: "x", status: SUCCESS, progress: 100 })'),
    mutation(
        "createNotification", "UUNF+FFF+", "$data: NotificationData! -> (data: $data)", case="for somebody else",
        data={"message": "x", "status": "SUCCESS", "progress": 1, "userID": "{labeler}"},
    ),
    mutation(
        "updatePropertiesInNotification", "UUNN+NNN+",
        "$data: NotificationData!, $where: NotificationWhere! -> (data: $data, where: $where)",
        data={"hasBeenSeen": True}, where={"id": "{notification}"},
    ),
]  # fmt: skip

ROLES = [
    mutation(
        "appendToRoles", MANAGERS, "$data: AppendToRolesData!, $where: ProjectWhere! -> (data: $data, where: $where)",
        data={"userEmail": "{fresh}@example.org", "role": "LABELER"}, where={"id": "{project}"},
    ),
    mutation(
        "appendToRoles", ADMINS, "$p: ID, $e: String -> (projectID: $p, userEmail: $e, role: ADMIN)", case="as ADMIN",
        p="{project}", e="{fresh}@example.org",
    ),
    mutation(
        "updatePropertiesInRole", MANAGERS, "$data: RoleData!, $where: ProjectUserWhere! -> (data: $data, where: $where)",
        data={"role": "REVIEWER"}, where=MEMBER,
    ),
    mutation(
        "updatePropertiesInRole", ADMINS, "$data: RoleData!, $where: ProjectUserWhere! -> (data: $data, where: $where)",
        case="to ADMIN", data={"role": "ADMIN"}, where={"id": "{labeler_member}"},
    ),
    mutation("updateRole", MANAGERS, "$r: ID -> (roleID: $r, role: REVIEWER)", r="{labeler_member}"),
    mutation("deleteFromRoles", MANAGERS, "$where: ProjectUserWhere -> (where: $where)", where=MEMBER),
    # Labelers see no other member.
    mutation("deleteFromRoles", "UUNNNFF++", "$r: ID -> (roleID: $r)", case="of an ADMIN", r="{admin_member}"),
    mutation(
        "updatePropertiesInProjectUser", "UUNN+FFFF",
        "$where: ProjectUserWhere! -> (data: { starred: true }, where: $where)", where={"id": "{labeler_member}"},
    ),
]  # fmt: skip

PROJECTS = [
    mutation("createProject", OWN, '(data: { title: "New", inputType: TEXT })'),
    mutation("createEmptyProject", OWN, '(userID: "x")'),
    mutation("frontendCreateProject", OWN, '(userID: "x")'),
    mutation(
        "updatePropertiesInProject", ADMINS, "$where: ProjectWhere! -> (data: { title: \"X\" }, where: $where)",
        where={"id": "{project}"},
    ),
    mutation("updateProject", ADMINS, '$p: ID -> (projectID: $p, title: "X")', p="{project}"),
    mutation("appendToTools", ADMINS, "$p: ID, $j: String -> (projectID: $p, jsonSettings: $j)", p="{project}", j=ONE_JOB),
    mutation("updateTool", ADMINS, "$t: ID, $j: String -> (toolID: $t, jsonSettings: $j)", t="{project}", j=ONE_JOB),
    mutation("deleteFromTools", ADMINS, "$t: ID -> (toolID: $t)", t="{project}"),
    mutation(
        "updateProjectAnonymization", ADMINS, "$input: UpdateProjectAnonymizationInput! -> (input: $input)",
        input={"id": "{project}", "shouldAnonymize": True},
    ),
    mutation("makeProjectPublic", ADMINS, counted("ProjectWhere"), where={"id": "{project}"}),
    mutation(
        "updatePropertiesInProjectVersion", ADMINS,
        "$data: ProjectVersionData!, $where: ProjectVersionWhere! -> (data: $data, where: $where)",
        data={"content": "X"}, where={"id": "{version}"},
    ),
    mutation("createProjectExport", MEMBERS, "$p: ID! -> (projectId: $p, data: {format: RAW})", p="{project}"),
    # its project has no stored pictures to learn from
    mutation("trainModel", "UUNNFFFBB", '$p: ID! -> (projectId: $p, data: {name: "M"})', p="{project}"),
    mutation("cancelTraining", ADMINS, "$m: ID! -> (id: $m)", m="{training}"),
    mutation("deleteTrainedModel", ADMINS, "$m: ID! -> (id: $m)", "", m="{training}"),
    mutation(
        "setTrainedModelThresholds", ADMINS, "$m: ID! -> (id: $m, data: {threshold: 40})", m="{trained}",
    ),
    mutation("assistLabeling", ADMINS, "$m: ID! -> (id: $m)", "{ written }", m="{trained}"),
    mutation(
        "setLearningLoop", ADMINS, "$p: ID!, $m: ID -> (projectId: $p, everyLabels: 20, modelId: $m)", "",
        p="{project}", m="{trained}",
    ),
    mutation("cancelProjectExport", "UUNNN+F++", "$e: ID! -> (id: $e)", e="{export}"),
    mutation(
        "createWebhook", ORGANIZATION, "$n: String! -> (data: {pluginName: $n, webhookUrl: \"https://93.184.215.14/\"})", "",
        n="{fresh}",
    ),
    mutation(
        "updateWebhook", THIS_ORGANIZATION, "$n: String! -> (data: {pluginName: $n, webhookUrl: \"https://93.184.215.14/\"})", "",
        n="{webhook}",
    ),
    mutation(
        "activatePluginOnProject", ADMINS, "$p: ID!, $n: String! -> (where: {pluginName: $n, projectId: $p})", "",
        p="{project}", n="{webhook}",
    ),
    mutation(
        "deactivatePluginOnProject", ADMINS, "$p: ID!, $n: String! -> (where: {pluginName: $n, projectId: $p})", "",
        p="{project}", n="{active_webhook}",
    ),
    mutation("deletePlugin", THIS_ORGANIZATION, "$n: String! -> (where: {pluginName: $n})", "", n="{webhook}"),
    mutation("createTag", ORGANIZATION, '$l: String! -> (data: {label: $l, color: "#fff"})', l="{fresh}"),
    query("dataIntegrations", CONNECTORS, listed("dataIntegrations", "DataIntegrationWhere"), where={"id": "{integration}"}),
    query(
        "countDataIntegrations", CONNECTORS, "$w: DataIntegrationWhere! -> (where: $w)", "", w={"id": "{integration}"},
    ),
    query(
        "countDataIntegrations", NOT_LABELERS, "$w: DataIntegrationWhere! -> (where: $w)", "", "of connections",
        w={"projectId": "{project}"},
    ),
    query("dataConnections", NOT_LABELERS, listed("dataConnections", "DataConnectionsWhere"), where={"projectId": "{project}"}),
    query("dataConnection", "UUNNN++++", "$c: ID! -> (where: {id: $c})", c="{data_connection}"),
    query("getFoldersAndSubfolders", "UUNNNNNCC", "$i: ID! -> (dataIntegrationId: $i)", "", i="{integration}"),
    mutation(
        "createDataIntegration", "UUBFFFFFB", "$data: DataIntegrationData! -> (data: $data)",
        data={"name": "X", "platform": "AWS"},
    ),
    mutation(
        "updatePropertiesInDataIntegration", THIS_ORGANIZATION, '$i: ID! -> (data: {name: "X"}, where: {id: $i})',
        i="{integration}",
    ),
    mutation("deleteDataIntegration", THIS_ORGANIZATION, "$i: ID! -> (where: {id: $i})", "", i="{integration}"),
    mutation(
        "addDataConnection", ADMINS, "$data: DataConnectionInput! -> (data: $data)",
        data={"projectId": "{project}", "integrationId": "{integration}"},
    ),
    mutation("computeDifferences", "UUNNNFF++", "$c: ID! -> (where: {id: $c})", c="{data_connection}"),
    mutation(
        "validateDataDifferences", "UUNNNFF++", "$c: ID! -> (where: {connectionId: $c, type: ADD})", c="{data_connection}",
    ),
    mutation(
        "updateTag", THIS_ORGANIZATION, "$t: ID!, $l: String! -> (tagId: $t, data: {label: $l})", "{ affectedRows }",
        t="{tag}", l="{fresh}",
    ),
    mutation("deleteTag", THIS_ORGANIZATION, "$t: ID! -> (tagId: $t)", "", t="{tag}"),
    mutation("checkTag", ADMINS, "$data: CheckedTagData! -> (data: $data)", data={"projectId": "{project}", "tagId": "{tag}"}),
    mutation(
        "uncheckTag", ADMINS, "$p: ID!, $t: ID! -> (projectId: $p, tagId: $t)", p="{project}", t="{checked_tag}",
    ),
    mutation("createPlugin", ORGANIZATION, "$n: String! -> (data: {pluginName: $n})", "", n="{fresh}"),
    mutation("generateUpdateUrl", THIS_ORGANIZATION, "$n: String! -> (data: {pluginName: $n})", "", n="{plugin}"),
    mutation("createPluginRunner", THIS_ORGANIZATION, "$n: String! -> (data: {pluginName: $n})", "", n="{plugin}"),
    mutation("updatePluginRunner", THIS_ORGANIZATION, "$n: String! -> (data: {pluginName: $n})", "", n="{plugin}"),
    mutation("deleteProject", ADMINS, "$where: ProjectWhere -> (where: $where)", where={"id": "{project}"}),
    mutation("deleteProjectAsynchronously", ADMINS, counted("ProjectWhere"), "", where={"id": "{project}"}),
]  # fmt: skip

ASSETS = [
    mutation(
        "appendManyAssets", ADMINS, "$data: AppendManyAssetsData!, $where: ProjectWhere! -> (data: $data, where: $where)",
        data=ONE_ASSET, where={"id": "{project}"},
    ),
    mutation(
        "appendManyToDataset", ADMINS, "$data: AppendManyToDatasetData!, $where: ProjectWhere! -> (data: $data, where: $where)",
        data=ONE_ASSET, where={"id": "{project}"},
    ),
    mutation(
        "appendManyToDataset", ADMINS,
        "$p: ID, $c: [String!], $e: [String!] -> (projectID: $p, contentArray: $c, externalIDArray: $e)", case="flat",
        p="{project}", c=ONE_ASSET["contentArray"], e=ONE_ASSET["externalIDArray"],
    ),
    mutation(
        "appendManyAssetsAsynchronously", ADMINS,
        "$data: AppendManyAssetsAsynchronouslyData!, $where: ProjectWhere! -> (data: $data, where: $where)",
        data=ONE_ASSET, where={"id": "{project}"},
    ),
    mutation(
        "appendManyFramesToDatasetAsynchronously", ADMINS,
        "$data: AppendManyFramesToDatasetAsynchronouslyData!, $where: ProjectWhere! -> (data: $data, where: $where)",
        data=ONE_ASSET, where={"id": "{project}"},
    ),
    mutation(
        "createAssets", ADMINS, "$p: ID, $c: [String!], $e: [String!] -> (projectID: $p, contents: $c, externalIDs: $e)",
        p="{project}", c=ONE_ASSET["contentArray"], e=ONE_ASSET["externalIDArray"],
    ),
    mutation(
        "appendToDataset", ADMINS, '$p: ID, $e: String -> (projectID: $p, content: "https://files.example/a.png", externalID: $e)',
        p="{project}", e="{fresh}",
    ),
    mutation(
        "updatePropertiesInAsset", MANAGERS, "$where: AssetWhere! -> (data: { priority: 1 }, where: $where)",
        case="priority", where=ASSET,
    ),
    mutation(
        "updatePropertiesInAsset", ADMINS, "$where: AssetWhere! -> (data: { jsonMetadata: \"{}\" }, where: $where)",
        case="metadata", where=ASSET,
    ),
    mutation(
        "updatePropertiesInAsset", MANAGERS, "$where: AssetWhere! -> (data: { priority: 1 }, where: $where)",
        case="by external id", where={"project": {"id": "{project}"}, "externalIdStrictlyIn": ["{external}"]},
    ),
    mutation(
        "updatePropertiesInAssets", MANAGERS, "$where: [AssetWhere!]! -> (data: [{ priority: 1 }], where: $where)",
        case="priority", where=[ASSET],
    ),
    mutation(
        "updatePropertiesInAssets", ADMINS, "$where: [AssetWhere!]! -> (data: [{ isHoneypot: true }], where: $where)",
        case="honeypot", where=[ASSET],
    ),
    mutation("updateAsset", ADMINS, "$a: ID -> (assetID: $a, isHoneypot: true)", a="{asset}"),
    mutation("deleteAssets", DELETERS, counted("AssetWhere"), "{ succeeded { assetId } }", where={"idIn": ["{asset}"]}),
    mutation("deleteManyFromDataset", DELETERS, counted("AssetWhere"), where={"idIn": ["{asset}"]}),
    mutation("deleteManyFromDataset", DELETERS, "$ids: [ID!] -> (assetIDs: $ids)", case="flat", ids=["{asset}"]),
    mutation("deleteFromDataset", DELETERS, "$a: ID -> (assetID: $a)", a="{asset}"),
    mutation(
        "deleteAssetsByExternalId", ADMINS, "$p: ID, $e: String -> (projectID: $p, externalID: $e)",
        p="{project}", e="{external}",
    ),
]  # fmt: skip

DATASET = {"id": "{dataset}"}
# The ADMIN of the project has made the dataset, and its TEAM_MANAGER is a user of it.
DATASETS = [
    mutation("createDataset", OWN, '(data: {name: "Birds", assetType: IMAGE})'),
    mutation("createDataset", OWN, '(name: "Birds", assetType: IMAGE)', case="flat"),
    mutation(
        "updatePropertiesInDataset", DATASET_USERS, '$w: DatasetWhere! -> (where: $w, data: {name: "X"})', w=DATASET
    ),
    mutation("deleteDataset", DATASET_OWNER, counted("DatasetWhere"), where=DATASET),
    mutation(
        "appendToDatasetUsers", DATASET_OWNER, "$w: DatasetWhere!, $e: String! -> (where: $w, data: {userEmail: $e})",
        w=DATASET, e="{labeler_email}",
    ),
    mutation(
        "deleteFromDatasetUsers", DATASET_USERS, "$w: DatasetWhere!, $e: String! -> (where: $w, data: {userEmail: $e})",
        case="by themselves", w=DATASET, e="{manager_email}",
    ),
    mutation(
        "deleteFromDatasetUsers", DATASET_OWNER, "$w: DatasetWhere!, $e: String! -> (where: $w, data: {userEmail: $e})",
        case="of another", w=DATASET, e="{owner_email}",
    ),
    mutation(
        "appendToDataset", DATASET_USERS, '$d: String -> (datasetId: $d, contentArray: ["Hello"])', case="of datasets",
        d="{dataset}",
    ),
    mutation(
        "appendDatasetsToProject", "UUNNFFF++", "$p: String, $d: [String!] -> (projectId: $p, datasetIds: $d)", "",
        p="{project}", d=["{dataset}"],
    ),
    mutation("deleteDatasetAssets", DATASET_USERS, "$ids: [ID!] -> (assetIds: $ids)", "", ids=["{dataset_asset}"]),
    mutation(
        "updatePropertiesInDatasetAssets", DATASET_USERS,
        '$w: [DatasetAssetWhere!]! -> (where: $w, data: [{externalId: "X"}])', w=[{"id": "{dataset_asset}"}],
    ),
]  # fmt: skip

LABELS = [
    mutation("appendToLabels", MEMBERS, ONE_LABEL, data={"labelType": "DEFAULT", "jsonResponse": ANSWER}, where=ASSET),
    mutation(
        "appendToLabels", REVIEWERS, ONE_LABEL, case="REVIEW",
        data={"labelType": "REVIEW", "jsonResponse": ANSWER}, where=ASSET,
    ),
    mutation(
        "appendToLabels", ADMINS, ONE_LABEL, case="for somebody else",
        data={"labelType": "DEFAULT", "jsonResponse": ANSWER, "authorID": "{author}"}, where=ASSET,
    ),
    mutation("appendToLabels", MEMBERS, FLAT_LABEL, case="flat", a="{asset}", j=ANSWER),
    mutation("frontendAppendToLabels", MEMBERS, FLAT_LABEL, a="{asset}", j=ANSWER),
    mutation(
        "appendManyLabels", MEMBERS, MANY_LABELS, where=ASSET,
        data={"labelType": "DEFAULT", "labelsData": [{"jsonResponse": ANSWER, "assetID": "{asset}"}]},
    ),
    mutation(
        "appendManyLabels", ADMINS, MANY_LABELS, where=ASSET, case="INFERENCE",
        data={"labelType": "INFERENCE", "labelsData": [{"jsonResponse": ANSWER, "assetID": "{asset}", "modelName": "m"}]},
    ),
    mutation(
        "createPredictions", ADMINS, "$data: CreatePredictionsData!, $where: AssetWhere! -> (data: $data, where: $where)",
        data={"jsonResponseArray": [ANSWER], "modelNameArray": ["m"]},
        where={"project": {"id": "{project}"}, "externalIdStrictlyIn": ["{external}"]},
    ),
    mutation("createPrediction", ADMINS, "$a: ID, $j: String -> (assetID: $a, jsonResponse: $j)", a="{asset}", j=ANSWER),
    mutation(
        "createHoneypot", ADMINS, "$data: CreateHoneypotData!, $where: AssetWhere! -> (data: $data, where: $where)",
        data={"jsonResponse": ANSWER}, where=ASSET,
    ),
    mutation(
        "updatePropertiesInLabel", "UUNN+FF++", "$data: LabelData!, $where: LabelWhere! -> (data: $data, where: $where)",
        data={"jsonResponse": ANSWER}, where={"id": "{label}"},
    ),
    mutation("updateLabel", "UUNN+FF++", "$l: ID, $j: String -> (labelID: $l, jsonResponse: $j)", l="{label}", j=ANSWER),
    mutation("deleteLabels", DELETERS, "$ids: [ID!]! -> (ids: $ids)", "", ids=["{label}"]),
    mutation(
        "createAnnotationFileUpload", MEMBERS, "$p: ID!, $a: ID! -> (projectId: $p, assetId: $a)", "{ fileId }",
        p="{project}", a="{asset}",
    ),
]  # fmt: skip

QUEUE = [
    query("locks", READERS, listed("locks", "LockWhere"), where={"id": "{lock}"}),
    query("locks", NOT_LABELERS, listed("locks", "LockWhere"), case="of others", where={"id": "{other_lock}"}),
    query("countLocks", READERS, counted("LockWhere"), "", where={"id": "{lock}"}),
    query("getLocks", MEMBERS, "$p: ID -> (projectID: $p)", p="{project}"),
    query("getNextAssetFromProject", MEMBERS, "$p: ID -> (projectID: $p)", p="{project}"),
    query("getNextAssetFromLabel", MEMBERS, "$a: ID -> (labelAssetID: $a)", a="{asset}"),
    mutation("deleteLocks", "UUNN+0+++", "$a: ID -> (assetID: $a)", a="{locked_asset}"),
    mutation("lockAsset", MEMBERS, "$a: ID! -> (assetID: $a)", a="{open_asset}"),
    mutation("skipAsset", MEMBERS, '$where: AssetWhere! -> (reason: "x", where: $where)', where=OPEN_ASSET),
    mutation("unskipAsset", MEMBERS, "$p: ID!, $a: ID! -> (projectId: $p, assetId: $a)", "", p="{project}", a="{skipped_asset}"),
    mutation("addAssetsToReview", REVIEWERS, counted("AssetWhere"), OUTCOME, where={"idIn": ["{asset}"]}),
    mutation("addAllLabeledAssetsToReview", REVIEWERS, counted("AssetWhere"), where={"idIn": ["{asset}"]}),
    mutation("sendAssetsBackToQueue", REVIEWERS, counted("AssetWhere"), OUTCOME, where={"idIn": ["{asset}"]}),
    mutation("sendBackAssetsToQueue", REVIEWERS, counted("AssetWhere"), where={"idIn": ["{asset}"]}),
    mutation(
        "sendBackAssetsToQueue", REVIEWERS, counted("AssetWhere"), case="with the project",
        where={"project": {"id": "{project}"}, "idIn": ["{asset}"]},
    ),
    mutation(
        "setAssetsPriority", MANAGERS, "$where: AssetWhere! -> (where: $where, priority: 2)", OUTCOME,
        where={"idIn": ["{open_asset}"]},
    ),
    mutation(
        "assignAssets", MANAGERS, "$where: AssetWhere!, $u: [String!]! -> (where: $where, userIds: $u)", OUTCOME,
        where={"idIn": ["{open_asset}"]}, u=["{labeler}"],
    ),
    mutation(
        "assignAssetsToLabelers", MANAGERS, "$where: AssetWhere!, $u: [String!]! -> (where: $where, userIds: $u)",
        where={"idIn": ["{open_asset}"]}, u=["{labeler}"],
    ),
    mutation(
        "setAssetConsensus", MANAGERS, "$p: ID!, $a: ID -> (projectId: $p, assetId: $a, isConsensus: true)", "",
        p="{project}", a="{asset}",
    ),
    mutation(
        "updateConsensusInManyAssets", MANAGERS, "$a: [ID!], $f: [Boolean] -> (assetIDs: $a, areUsedForConsensus: $f)",
        a=["{asset}"], f=[True],
    ),
    mutation("forceUpdateStatus", MANAGERS, "$a: ID -> (assetID: $a)", a="{asset}"),
]  # fmt: skip

WORKFLOW = [
    mutation("forceProjectKpiComputation", ADMINS, "$p: ID -> (projectID: $p)", p="{project}"),
    mutation("copyProject", ADMINS, "$data: CopyProjectData! -> (data: $data)", "", data={"projectId": "{project}"}),
    mutation(
        "copyLabels", ADMINS, "$data: CopyLabelsInput! -> (data: $data)", "",
        data={"srcAssetId": "{asset}", "dstAssetId": "{open_asset}", "projectId": "{project}"},
    ),
    mutation(
        "editProjectWorkflowSettings", ADMINS, "$input: EditProjectWorkflowSettingsInput! -> (input: $input)",
        input={"projectId": "{project}", "enforceStepSeparation": True},
    ),
    mutation(
        "editStepGroups", ADMINS, "$input: EditStepGroupsInput! -> (input: $input)",
        input={"projectId": "{project}", "creates": [{"name": "Second pass"}]},
    ),
    mutation(
        "addReviewStep", ADMINS, "$input: AddReviewStepInput! -> (input: $input)",
        input={"projectId": "{project}", "name": "Second look", "assignees": ["{reviewer}"]},
    ),
    mutation(
        "updateLabelingStepProperties", ADMINS, "$input: UpdateLabelingStepPropertiesInput! -> (input: $input)",
        input={"projectId": "{project}", "stepId": "{labeling_step}", "consensusCoverage": 10},
    ),
    mutation(
        "updateReviewStepProperties", ADMINS, "$input: UpdateReviewStepPropertiesInput! -> (input: $input)",
        input={"projectId": "{project}", "stepId": "{review_step}", "stepCoverage": 10},
    ),
    mutation(
        "deleteStep", ADMINS, "$input: DeleteStepInput! -> (input: $input)",
        input={"projectId": "{project}", "stepId": "{review_step}"},
    ),
    mutation(
        "renameStep", ADMINS, "$input: RenameStepInput! -> (input: $input)",
        input={"projectId": "{project}", "stepId": "{review_step}", "newName": "Look"},
    ),
]  # fmt: skip

ABOUT_LABEL = {"labelID": "{label}", "type": "ISSUE"}
ABOUT_ASSET = {"assetId": "{asset}", "type": "QUESTION"}
NEW_ISSUES = "$issues: [IssueToCreate!]!, $where: AssetWhere! -> (issues: $issues, where: $where)"
IN_PROJECT = {"project": {"id": "{project}"}}

ISSUES = [
    query("issues", READERS, listed("issues", "IssueWhere"), where={"id": "{issue}"}),
    query("issues", NOT_LABELERS, listed("issues", "IssueWhere"), case="of others", where={"id": "{other_issue}"}),
    query("countIssues", READERS, counted("IssueWhere"), "", where={"id": "{issue}"}),
    query("countIssues", NOT_LABELERS, counted("IssueWhere"), "", case="of others", where={"id": "{other_issue}"}),
    mutation("createIssues", REVIEWERS, NEW_ISSUES, issues=[ABOUT_LABEL], where=IN_PROJECT),
    mutation("createIssues", MEMBERS, NEW_ISSUES, case="question", issues=[ABOUT_ASSET], where=IN_PROJECT),
    mutation(
        "appendToIssues", REVIEWERS, "$data: AppendToIssuesData!, $where: AssetWhere! -> (data: $data, where: $where)",
        data=ABOUT_LABEL, where=ASSET,
    ),
    mutation(
        "appendToComments", REVIEWERS, "$data: AppendToCommentsData!, $where: IssueWhere! -> (data: $data, where: $where)",
        data={"text": "Look again."}, where={"id": "{issue}"},
    ),
    mutation(
        "updatePropertiesInIssue", MEMBERS, "$data: IssueData!, $where: IssueWhere! -> (data: $data, where: $where)",
        case="solve", data={"status": "SOLVED"}, where={"id": "{issue}"},
    ),
    mutation(
        "updatePropertiesInIssue", REVIEWERS, "$data: IssueData!, $where: IssueWhere! -> (data: $data, where: $where)",
        case="reopen", data={"status": "OPEN"}, where={"id": "{issue}"},
    ),
    query(
        "organizationMetrics", THIS_ORGANIZATION, "$where: OrganizationMetricsWhere! -> (where: $where)",
        "{ numberOfLabeledAssets }", where={"organizationId": "{organization}"},
    ),
]  # fmt: skip

MODEL = {"organizationId": "{organization}", "name": "Large", "type": "OPEN_AI_SDK"}
CREDENTIALS = {"apiKey": "sk-secret", "endpoint": "https://models.example"}
TALK = {"role": "SYSTEM", "externalId": "s", "content": "Be brief."}

CONVERSATIONS = [
    query("models", "UU0FFFFF+", listed("models", "ModelWhere"), where={"organizationId": "{organization}"}),
    query("model", THIS_ORGANIZATION, "$m: ID! -> (id: $m)", m="{model}"),
    query("projectModels", ADMINS, listed("projectModels", "ProjectModelWhere"), where={"projectId": "{dynamic_project}"}),
    query("chatItems", READERS, counted("ChatItemsWhere"), where={"assetId": "{talk}"}),
    mutation(
        "createModel", THIS_ORGANIZATION, "$input: CreateModelInput! -> (input: $input)",
        input={**MODEL, "credentials": CREDENTIALS},
    ),
    mutation("updateModel", THIS_ORGANIZATION, '$m: ID! -> (id: $m, input: {name: "X"})', m="{model}"),
    mutation("deleteModel", THIS_ORGANIZATION, "$m: ID! -> (id: $m)", "", m="{model}"),
    mutation(
        "createProjectModel", ADMINS, "$input: CreateProjectModelInput! -> (input: $input)",
        input={"projectId": "{dynamic_project}", "modelId": "{model}"},
    ),
    mutation(
        "updateProjectModel", ADMINS, "$m: ID! -> (id: $m, input: {configuration: {temperature: 0.5}})", m="{project_model}"
    ),
    mutation("deleteProjectModel", ADMINS, "$m: ID! -> (id: $m)", "", m="{project_model}"),
    mutation(
        "importConversations", ADMINS, "$data: ImportConversationsData!, $where: ProjectWhere! -> (data: $data, where: $where)",
        "{ numberOfUploadedAssets }", where={"id": "{static_project}"},
        data={"conversations": [{"externalId": "{fresh}", "chatItems": [TALK]}]},
    ),
    mutation(
        "createLLMAsset", ADMINS, "$data: CreateLLMAssetData!, $where: ProjectWhere! -> (data: $data, where: $where)",
        data={"labelType": "PREDICTION"}, where={"id": "{dynamic_project}"},
    ),
    mutation(
        "createChatItem", MEMBERS, "$data: CreateChatItemData!, $where: AssetWhere! -> (data: $data, where: $where)",
        data={"content": "Be brief.", "role": "SYSTEM"}, where={"id": "{dynamic_talk}"},
    ),
]  # fmt: skip

TABLE = [*QUERIES, *PEOPLE, *ROLES, *PROJECTS, *ASSETS, *DATASETS, *LABELS, *QUEUE, *WORKFLOW, *ISSUES, *CONVERSATIONS]
