"""What the SDK exports of a project in which labels were compared, reviewed, skipped and sent back."""
import json
def test_probe(run):
    seen = run("26.2.4", "marked_export")
    print(json.dumps(seen, indent=1))
    assert 0
