"""The codes of label problems and how hard each one blocks: the table `docs/labels.md` is held against."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """When a problem refuses a label; otherwise the label is stored with a warning."""

    ALWAYS = "E"
    HUMAN = "H"
    """For DEFAULT and REVIEW labels only: models and drafts may be incomplete."""
    STRICT = "S"
    """As HUMAN, and only where strict labels are turned on."""


@dataclass(frozen=True, slots=True)
class ResponseRule:
    """A rule of labels, and how to comply with it."""

    severity: Severity
    sentence: str
    remedy: str


_E, _H, _S = Severity.ALWAYS, Severity.HUMAN, Severity.STRICT

RESPONSE_RULES: dict[str, ResponseRule] = {
    "NOT_JSON": ResponseRule(
        _E, "The response is JSON.", "Send the output of a JSON serialiser; NaN, Infinity and NUL are not JSON."
    ),
    "NOT_OBJECT": ResponseRule(_E, "The response is an object.", 'Send {"JOB": answer}, or {} for nothing.'),
    "DUPLICATE_KEY": ResponseRule(_E, "No key is written twice in one object.", "Remove one of the two."),
    "TOO_LARGE": ResponseRule(
        _E, "At most 16 MiB, 64 levels, 1,000,000 values.", "Simplify outlines, or send fewer frames."
    ),
    "UNKNOWN_JOB": ResponseRule(_E, "Every job is one of the interface.", "Correct the name, or add the job."),
    "FRAME_KEY": ResponseRule(
        _E,
        "The keys of a frame map are frame numbers.",
        'Write frames as "0", "1", …; whole-video answers in assetLevel.',
    ),
    "FRAME_NOT_OBJECT": ResponseRule(_E, "A frame is an object.", "Write {} for a frame without answers."),
    "FRAME_OUT_OF_RANGE": ResponseRule(_S, "The frame is part of the video.", "Count frames from 0."),
    "IS_KEY_FRAME": ResponseRule(_E, "`isKeyFrame` is a boolean.", "Write true or false."),
    "ASSET_LEVEL_TASK": ResponseRule(
        _H, "Only classifications, transcriptions and files describe a whole video.", "Move the answer to its frames."
    ),
    "WRONG_SHAPE": ResponseRule(
        _E, "Answers are objects, `categories`, `annotations` and geometry are lists.", "Follow the shape of the task."
    ),
    "REQUIRED_JOB_MISSING": ResponseRule(_S, "Required jobs are answered.", "Answer the job, or make it optional."),
    "CHILD_JOB_AT_ROOT": ResponseRule(_H, "A child job is answered nested.", "Move it under `children`."),
    "CHILD_NOT_ALLOWED": ResponseRule(
        _H, "A nested job is opened by a chosen category.", "Choose a category that lists the job in its `children`."
    ),
    "CATEGORY_NAME": ResponseRule(_E, "A category answer names its category.", 'Write {"name": "KEY"}.'),
    "UNKNOWN_CATEGORY": ResponseRule(
        _E, "The category is one of the job.", "Use the key of the category, not its shown name."
    ),
    "CATEGORY_REQUIRED": ResponseRule(_H, "An annotation has a category.", "Add one to `categories`."),
    "TOO_MANY_CATEGORIES": ResponseRule(_H, "A single choice has one category.", "Keep one."),
    "DUPLICATE_CATEGORY": ResponseRule(_H, "A category is chosen once.", "Remove the repetition."),
    "CONFIDENCE": ResponseRule(_E, "`confidence` is a number.", "Send a number, or leave it out."),
    "TEXT_NOT_STRING": ResponseRule(_E, "`text` is a string.", 'Quote numbers too: "42".'),
    "NOT_A_NUMBER": ResponseRule(_S, "A number field holds a number.", 'Write digits, for example "-1.5e3".'),
    "NOT_A_DATE": ResponseRule(_S, "A date field holds a real date.", "Write YYYY-MM-DD."),
    "TYPE_UNKNOWN": ResponseRule(_E, "`type` is a tool.", "Use one of the tools of the job."),
    "TYPE_NOT_ALLOWED": ResponseRule(_E, "`type` is a tool of the job.", "Change the type, or the job's `tools`."),
    "GEOMETRY_MISSING": ResponseRule(
        _E, "An annotation has the geometry of its type.", "Fill the key the message names."
    ),
    "VERTEX_COUNT": ResponseRule(
        _E, "A rectangle has 4 corners, an outline at least 3 points, a line at least 2.", "Complete the points."
    ),
    "TOO_MANY_POINTS": ResponseRule(
        _E, "A ring or line has at most 10,000 points.", "Simplify the outline; a pixel needs no two points."
    ),
    "SEVERAL_RINGS": ResponseRule(_S, "A polygon has one ring.", "Use a `semantic` job for shapes with holes."),
    "BAD_NUMBER": ResponseRule(_E, "`x` and `y` are numbers.", "Send both, unquoted."),
    "OUT_OF_BOUNDS": ResponseRule(
        _S, "Coordinates are fractions of the asset, 0 to 1.", "Divide pixels by width and height."
    ),
    "UNKNOWN_POINT": ResponseRule(_H, "A pose point is one of its category.", "Correct the `code`."),
    "DUPLICATE_POINT": ResponseRule(_H, "A pose point is given once.", "Remove the repetition."),
    "MANDATORY_POINT_MISSING": ResponseRule(_S, "Mandatory pose points are given.", "Add the point."),
    "BAD_MID": ResponseRule(_E, "`mid` is a non-empty string.", "Send a string, or leave it out: one is made."),
    "DUPLICATE_MID": ResponseRule(
        _S, "A `mid` is unique in the label, or in its frame.", "Change one; parts of one mask may share theirs."
    ),
    "BAD_OFFSET": ResponseRule(_E, "Offsets are integers from 0, the end above the begin.", "Count characters from 0."),
    "CONTENT_MISSING": ResponseRule(_H, "An entity carries its words.", "Add `content`."),
    "CONTENT_MISMATCH": ResponseRule(_S, "The words stand at the offset.", "Correct `beginOffset` or `content`."),
    "PAGE_NUMBER": ResponseRule(
        _E, "Pages are integers from 1 (leaving them out refuses human labels only).", "Fill `pageNumberArray`."
    ),
    "PAGE_OUT_OF_RANGE": ResponseRule(_S, "The page is part of the document.", "Count pages from 1."),
    "RELATION_ENDS": ResponseRule(
        _E, "A relation has both lists of ends, under the names of its task.", 'Write [{"mid": "…"}] in both.'
    ),
    "RELATION_EMPTY": ResponseRule(_H, "Both ends of a relation name an annotation.", "Add an end."),
    "RELATION_UNKNOWN_MID": ResponseRule(_H, "The ends are annotations of the label.", "Correct the `mid`."),
    "RELATION_CATEGORY": ResponseRule(
        _S, "The ends have a category the interface allows.", "Link other annotations, or widen the interface."
    ),
    "UNKNOWN_OPTION": ResponseRule(_E, "`code` is an option of the comparison.", "Use the code of the option."),
    "SAME_CHAT_ITEM": ResponseRule(_H, "Two different answers are compared.", "Change `secondId`."),
    "UNKNOWN_CHAT_ITEM": ResponseRule(_H, "Chat items belong to the conversation.", "Use ids of this asset."),
    "RANK": ResponseRule(
        _E, "`rank` is an integer from 0, `elements` a list.", 'Write {"rank": 1, "elements": ["…"]}.'
    ),
    "FILE_ANSWER": ResponseRule(
        _E, "A file answer has a non-empty `fileId`.", "Upload the file first, then send the id it was given."
    ),
}
