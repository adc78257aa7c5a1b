"""The check for vulnerable packages fails for what is known, never for lack of a network."""

from tests import audit


def test_without_a_network_nothing_fails(tmp_path, capsys):
    locked = tmp_path / "locked.txt"
    locked.write_text(f"idna==3.10 --hash=sha256:{'0' * 64}\n")

    code = audit.main(
        locked, "--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:9/", "--cache-dir", str(tmp_path)
    )

    assert code == 0
    assert "cannot be reached" in capsys.readouterr().out


def test_a_vulnerability_that_is_known_fails(capsys):
    packages = [
        {"name": "idna", "version": "3.6", "vulns": [{"id": "PYSEC-2024-60", "fix_versions": ["3.7"]}]},
        {"name": "uv", "skip_reason": "Dependency not found on PyPI"},
        {"name": "h11", "version": "0.16.0", "vulns": []},
    ]

    assert audit.report(packages) == 1
    assert "idna 3.6: PYSEC-2024-60, corrected in 3.7" in capsys.readouterr().out
    assert audit.report(packages[1:]) == 0
    assert "no vulnerability is known of 1 packages" in capsys.readouterr().out


def test_a_mirror_without_the_database_says_so(capsys):
    assert audit.report([{"name": "uv", "skip_reason": "Dependency not found on PyPI"}]) == 0
    assert "cannot be reached" in capsys.readouterr().out
