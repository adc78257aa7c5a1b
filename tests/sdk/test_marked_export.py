"""What the SDK exports of a project in which labels were compared, reviewed, skipped and sent back."""

SECOND = "second@example.com"
LABELED = ["agreed", "back", "dark", "gold", "reviewed"]
# The left edge of the car in the newest label of each asset, and in the labels of the last step that has some.
LATEST = {"agreed": 0.25, "gold": 0.5, "reviewed": 0.5, "back": 0.5, "dark": 0.75}
LAST_STEP = {"agreed": (0.0, 0.25), "gold": (0.0,), "reviewed": (0.5,), "back": (0.5,), "dark": (0.75,)}


def files(kind: str) -> dict[str, float]:
    """The files of labels of the last step: several labels of an asset are numbered."""
    return {
        f"labels/{name}{f'_label{number}' if len(lefts) > 1 else ''}.{kind}": left
        for name, lefts in LAST_STEP.items()
        for number, left in enumerate(lefts, start=1)
    }


def line(left: float) -> str:
    return f"0 {left + 0.125} 0.5 0.25 0.5\n"


def edges(left: float) -> list[int | str]:
    return ["CAR", round(40 * left), 5, round(40 * left + 10), 15]


def test_what_was_compared_reviewed_and_sent_back_is_exported(run):
    seen = run("26.2.4", "marked_export")

    own = seen["own"]
    agreed = [["DEFAULT", "RAIN", 0.0, SECOND], ["DEFAULT", "SUN", 0.25, own]]
    gold = [["REVIEW", "SUN", 0.0, own], ["DEFAULT", "RAIN", 0.5, SECOND]]
    reviewed = [["DEFAULT", "SUN", 0.0, SECOND], ["REVIEW", "RAIN", 0.5, own]]
    single = {"back": [["DEFAULT", "SUN", 0.5, SECOND]], "dark": [["DEFAULT", "RAIN", 0.75, own]]}
    assert seen["raw"] == {
        "latest": {"agreed": agreed[1:], "gold": gold[1:], "reviewed": reviewed[1:], **single},
        "latest_from_last_step": {"agreed": agreed, "gold": gold[:1], "reviewed": reviewed[1:], **single},
        "latest_from_all_steps": {"agreed": agreed, "gold": gold, "reviewed": reviewed, **single},
        "normal": {"agreed": [["DEFAULT", "SUN", 0.0, own], *agreed], "gold": gold, "reviewed": reviewed, **single},
    }
    assert seen["pictures"] == {f"assets/{name}.png": True for name in LABELED}

    pictures = {f"images/{name}.png": True for name in LABELED}
    assert seen["yolo_v5"] == {
        "latest": {f"labels/{name}.txt": line(left) for name, left in LATEST.items()},
        "latest_from_last_step": {**pictures, **{name: line(left) for name, left in files("txt").items()}},
    }
    assert seen["pascal_voc"] == {
        "latest": {f"labels/{name}.xml": [edges(left)] for name, left in LATEST.items()},
        "latest_from_last_step": {**pictures, **{name: [edges(left)] for name, left in files("xml").items()}},
    }
    data = {f"data/{name}.png": True for name in LABELED}
    assert seen["coco"] == {
        "latest": {
            "annotations": [[f"data/{name}.png", [40 * left, 5, 10, 10]] for name, left in LATEST.items()],
            **data,
        },
        "latest_from_last_step": {
            "annotations": [
                [f"data/{name}.png", [40 * left, 5, 10, 10]] for name, lefts in LAST_STEP.items() for left in lefts
            ],
            **data,
        },
    }
