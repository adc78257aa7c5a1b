"""Videos and rich text through the SDK."""


def test_videos_and_rich_text_come_back_as_they_were_given(run):
    seen = run("26.2.4", "media")

    video = seen["video"]
    assert video["native"] == []
    assert video["native within 20 s"] is True
    assert video["assets"] == [["drive", "TODO"], ["local", "TODO"], ["hosted", "TODO"]]
    assert video["address kept"] is True
    assert video["id kept"] is True
    assert video["frames"] == ["0", "1", "2"]
    assert video["bytes kept"] is True
    assert video["speed"] == 5
    assert video["hosted"] == {
        "0": "https://storage.example.com/f0.png",
        "1": "https://storage.example.com/f1.png",
    }
    assert video["label"] == {
        "0": {"WEATHER": {"categories": [{"name": "SUN", "confidence": 100}], "isKeyFrame": True}},
        "1": {},
        "2": {},
    }
    assert seen["rich text"] == {"id kept": True, "tree kept": True}
