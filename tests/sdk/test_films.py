"""Films through the SDK."""

import pytest

from tests.video_samples import FRAMES, FRAMES_PER_SECOND, HEIGHT, WIDTH, mp4


@pytest.mark.parametrize(("release", "rate"), [("2.160.0", 30), ("26.2.4", FRAMES_PER_SECOND)])
def test_a_film_that_is_uploaded_says_how_long_it_is(run, release, rate):
    """The older client names a rate to play films at, which stays."""
    seen = run(release, "films", mp4().hex())
    parameters = seen["asset"]["jsonMetadata"].pop("processingParameters")
    assert seen == {
        "bytes": True,
        "asset": {
            "externalId": "drive",
            "jsonMetadata": {},
            "duration": 2,
            "resolution": {"width": WIDTH, "height": HEIGHT},
        },
        "label": "SUN",
    }
    assert (parameters["numberOfFrames"], parameters["framesPlayedPerSecond"]) == (FRAMES, rate)
