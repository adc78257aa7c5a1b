"""Archives of plugins: what is unpacked, and what is refused before anything is written outside of the folder."""

import io
import stat
import zipfile

import pytest

from labelyard.domain.error import BadUserInput
from labelyard.services.plugin.archive import MAX_MEMBERS, requirements_in, unpack


def archive_of(files, *, compression=zipfile.ZIP_DEFLATED):
    """A zip of texts by name, or of texts with the attributes of a member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files:
            member = zipfile.ZipInfo(name) if isinstance(name, str) else name
            member.compress_type = compression
            archive.writestr(member, content)
    return buffer.getvalue()


def link(name):
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


MAIN = ("main.py", "class PluginHandler: ...")


def test_files_and_folders_are_unpacked(tmp_path):
    unpack(archive_of([MAIN, ("checks/", ""), ("checks/weather.py", "RAIN = 1")]), tmp_path)
    assert (tmp_path / "main.py").read_text() == MAIN[1]
    assert (tmp_path / "checks" / "weather.py").read_text() == "RAIN = 1"


REFUSED = {
    "no zip": (b"PK\x03\x04 nothing", "cannot be read"),
    "empty": (b"", "cannot be read"),
    "no main.py": (archive_of([("plugin/main.py", "")]), "has no main.py"),
    "parent": (archive_of([MAIN, ("../outside.py", "x")]), "outside of its folder"),
    "parent within": (archive_of([MAIN, ("a/../../outside.py", "x")]), "outside of its folder"),
    "absolute": (archive_of([MAIN, ("/tmp/outside.py", "x")]), "outside of its folder"),
    "drive": (archive_of([MAIN, ("C:outside.py", "x")]), "outside of its folder"),
    "link": (archive_of([MAIN, (link("passwd"), "/etc/passwd")]), "link or a device"),
    "twice": (archive_of([MAIN, ("a.py", "1"), ("./a.py", "2")]), "outside of its folder"),
    "file and folder": (archive_of([MAIN, ("a", "1"), ("a/b.py", "2")]), "both a file and a folder"),
    "bomb": (archive_of([MAIN, ("bomb", bytes(20 << 20))]), "times its size"),
    "large": (archive_of([MAIN, ("large", bytes(33 << 20))], compression=zipfile.ZIP_STORED), "unpacks to more"),
    "many": (archive_of([MAIN, *((f"f{n}", "") for n in range(MAX_MEMBERS))]), "files"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_fit_is_refused(tmp_path, case):
    archive, reason = REFUSED[case]
    folder = tmp_path / "in" / "code"
    folder.mkdir(parents=True)
    with pytest.raises(BadUserInput, match=reason):
        unpack(archive, folder)
    assert [path for path in tmp_path.rglob("*") if folder not in path.parents and path != folder] == [tmp_path / "in"]


def test_a_header_that_lies_about_the_size_writes_no_more_than_it_says(tmp_path):
    honest = archive_of([MAIN, ("data", b"0" * 5000)], compression=zipfile.ZIP_DEFLATED)
    directory = honest.rindex(b"PK\x01\x02")
    lying = honest[: directory + 24] + (10).to_bytes(4, "little") + honest[directory + 28 :]
    with pytest.raises(BadUserInput, match="cannot be read"):
        unpack(lying, tmp_path)
    assert not (tmp_path / "data").exists() or (tmp_path / "data").stat().st_size <= 10


def test_an_encrypted_archive_is_refused(tmp_path):
    plain = bytearray(archive_of([MAIN]))
    plain[6] |= 1
    plain[plain.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadUserInput, match="not encrypted"):
        unpack(bytes(plain), tmp_path)


def test_requirements_are_names_with_versions(tmp_path):
    (tmp_path / "requirements.txt").write_text(
        "# comment\nnumpy >= 2  # why\n\nrequests[socks]==2.32.3; python_version > '3'\n"
    )
    assert requirements_in(tmp_path) == ["numpy>=2", 'requests[socks]==2.32.3; python_version > "3"']


@pytest.mark.parametrize(
    "line",
    [
        "-r /etc/passwd",
        "--index-url https://example.org",
        "-e .",
        "./here",
        "git+https://example.org/x",
        "x @ https://example.org/x.whl",
    ],
)
def test_other_requirements_are_refused(tmp_path, line):
    (tmp_path / "requirements.txt").write_text(f"numpy\n{line}\n")
    with pytest.raises(BadUserInput, match="Line 2 of requirements"):
        requirements_in(tmp_path)


def test_a_plugin_without_requirements_needs_nothing(tmp_path):
    assert requirements_in(tmp_path) == []
