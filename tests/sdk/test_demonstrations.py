"""Demonstration projects, anonymization and new organizations, as the releases that know them see them."""

import pytest

DEMONSTRATIONS = {
    "DEMO_PLASTIC": [
        "IMAGE",
        ["CLASSIFICATION_JOB", "OBJECT_DETECTION_JOB"],
        ["sea-1", "sea-2", "beach-1", "beach-2"],
        True,
    ],
    "DEMO_REVIEWS": ["TEXT", ["CLASSIFICATION_JOB"], [f"review-{number}" for number in range(1, 7)], True],
    "DEMO_NER": ["TEXT", ["NAMED_ENTITIES_RECOGNITION_JOB"], [f"note-{number}" for number in range(1, 5)], True],
    "refused": True,
}
ORGANIZATION = {"organization": [["id"], True]}
ANONYMIZED = {"anonymized": [True, True]}


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("2.60.0", ORGANIZATION),
        ("2.99.0", ORGANIZATION),
        ("2.160.0", ORGANIZATION | ANONYMIZED),
        ("26.2.4", ORGANIZATION | ANONYMIZED | DEMONSTRATIONS),
    ],
)
def test_what_is_made_is_read_back(run, release, expected):
    assert run(release, "demonstrations") == expected
