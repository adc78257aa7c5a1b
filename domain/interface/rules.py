"""The codes of interface problems: the table `docs/labels.md` is held against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InterfaceRule:
    """A rule of the interface, and how to comply with it."""

    sentence: str
    remedy: str
    blocks: bool = True


_REFUSING = {
    "JI01": ("The text is JSON.", "Send the output of a JSON serialiser; NaN, Infinity and NUL do not exist in JSON."),
    "JI02": ("The interface is an object.", 'Send {"jobs": {...}}.'),
    "JI03": ("`jobs` is an object of job name to job.", 'Wrap the jobs: {"jobs": {"JOB_0": {...}}}.'),
    "JI04": ("A job is an object.", 'Give the job at least an "mlTask".'),
    "JI05": ("A job name is not empty, not reserved, not only digits.", "Rename the job."),
    "JI06": ("`mlTask` is there and known.", "Use one of the tasks listed above."),
    "JI07": ("Tasks that choose among categories have at least one.", "Add `content.categories` as an object."),
    "JI08": ("A category is an object with a non-empty `name`.", 'Write {"KEY": {"name": "Shown name"}}.'),
    "JI09": ("An object detection names known `tools`.", 'Write for example "tools": ["rectangle"].'),
    "JI10": ("`content.input` is known.", "Use one of the inputs listed above, or leave it out."),
    "JI11": ("`children` lists names of jobs of the interface.", "Correct the name, or add the job."),
    "JI12": ("A job used as a child does not say `isChild: false`.", "Set isChild to true, or do not list the job."),
    "JI13": ("Following `children` never comes back to the same job.", "Break the circle with a second job."),
    "JI14": (
        "`points` of a pose category is a list, each with a `code` of its own.",
        "Give every point a different code.",
    ),
    "JI15": ("A comparison has at least two options with a `name`.", "Add options under `content.options`."),
    "JI16": ("`level` is completion, round or conversation.", "Use one of the three, or leave it out."),
    "JI17": ("`required`, `isChild`, `isVisible` and `isModel` are booleans or 0/1.", "Use true/false or 0/1."),
    "JI18": ("No key is written twice in one object.", "Rename or remove one of the two."),
    "JI19": ("The job of an interactive segmentation exists.", "Add the marker job, or remove `models`."),
    "JI20": (
        "At most 1 MiB, 32 levels of JSON, 200 jobs, 5,000 categories, ten levels of nested jobs.",
        "Split the project.",
    ),
}
_WARNING = {
    "JI50": ("A child job is opened by some category.", "List it under `children`, or set isChild to false."),
    "JI51": ("`isChild` and `required` are written out.", "Write them: older clients fail on labels without them."),
    "JI52": ("The ends of a relation are categories of other jobs, or ANY.", "Correct the category keys."),
    "JI53": ("Ids and shortcuts are unique, names are unique in their job.", "Change one of the two."),
    "JI54": ("`color` is #RRGGBB.", 'Write for example "#733AFB".'),
    "JI55": ("Task and tool are usual for the type of asset.", "Check that the interface belongs to this project."),
    "JI56": ("Names can be reached by the category search.", "Use letters, digits, _ and -, beginning with a letter."),
    "JI57": ("A nested job can be nested.", "Nest classifications, transcriptions and rankings only."),
    "JI58": ("The input offers a choice.", "Add a second category, or use radio for a detection."),
    "JI59": ("A pose category has `points`.", "List the points: without them a pose may hold any."),
}

INTERFACE_RULES: dict[str, InterfaceRule] = {
    **{code: InterfaceRule(sentence, remedy) for code, (sentence, remedy) in _REFUSING.items()},
    **{code: InterfaceRule(sentence, remedy, blocks=False) for code, (sentence, remedy) in _WARNING.items()},
}
