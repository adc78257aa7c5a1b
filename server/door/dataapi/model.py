"""What customers send of projects and tasks, as pydantic checks it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, StringConstraints, model_validator

from labelyard.domain.door.dataapi.input import Input
from labelyard.domain.door.dataapi.output import Output
from labelyard.domain.interface.job import is_job_name
from labelyard.domain.text import MAX_DESCRIPTION, MAX_NAME, MAX_TITLE, MAX_URL
from labelyard.services.door.dataapi.project import ProjectFields

MOST_FIELDS = 100
MOST_OPTIONS = 1_000
MOST_KEYS = 50
COLUMNS = frozenset({"task_id", "item_id", "worker", "finished_at"})
"""The columns of results that are no fields."""


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("cannot hold a NUL character")
    return text


def _field_name(name: str) -> str:
    if not name.isprintable() or name != name.strip() or not is_job_name(name):
        raise ValueError("cannot be the name of a field: it is printable, no number, and has no spaces around it")
    if name in COLUMNS:
        raise ValueError(f"is a column of the results already, as {', '.join(sorted(COLUMNS))} are")
    return name


Text = Annotated[str, AfterValidator(_without_nul)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_field_name)]
OptionText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME), AfterValidator(_without_nul)]


class Sent(BaseModel):
    """What is sent has no unknown fields, and nothing is taken for something else."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _few_fields(cls, given: Any) -> Any:
        # Each unknown field becomes an error of its own, so a million of them would take a quarter of a minute.
        if isinstance(given, dict) and len(given) > MOST_KEYS:
            raise ValueError(f"has {len(given):,} fields, more than there are; leave the unknown ones out")
        return given


class InputField(Sent):
    """A field that the customer fills."""

    name: Name
    type: Literal["image", "text"]
    required: bool = False


class Option(Sent):
    """A choice: its value, and what workers read."""

    value: OptionText
    label: OptionText | None = None


class OutputField(Sent):
    """A field that the worker fills."""

    name: Name
    type: Literal["input", "select", "radio", "checkbox"]
    required: bool = False
    label: Annotated[Text, StringConstraints(max_length=MAX_DESCRIPTION)] = ""
    options: Annotated[list[OptionText | Option], Field(max_length=MOST_OPTIONS), FailFast()] = []

    @model_validator(mode="after")
    def _fitting_options(self) -> OutputField:
        if self.type == "input" and self.options:
            raise ValueError("a field of type input has no options")
        if self.type in ("select", "radio") and not self.options:
            raise ValueError(f"a field of type {self.type} needs options")
        values = [value for value, _ in self.output().options]
        if len(set(values)) < len(values):
            raise ValueError("has an option twice")
        return self

    def output(self) -> Output:
        """The field."""
        options = [
            (option, option) if isinstance(option, str) else (option.value, option.label or option.value)
            for option in self.options
        ]
        return Output(self.name, self.type, self.required, self.label, options)


class ProjectChange(Sent):
    """The fields of a project, all of which may be absent."""

    title: Annotated[Text, StringConstraints(min_length=1, max_length=MAX_TITLE)] = ""
    description: Annotated[Text, StringConstraints(max_length=MAX_DESCRIPTION)] = ""
    public_description: Annotated[Text, StringConstraints(max_length=MAX_DESCRIPTION)] = ""
    language: Annotated[Text, StringConstraints(max_length=100)] = ""
    input_spec: Annotated[list[InputField], Field(min_length=1, max_length=MOST_FIELDS)] = []
    output_spec: Annotated[list[OutputField], Field(max_length=MOST_FIELDS)] = []
    callback_url: Annotated[Text, StringConstraints(min_length=1, max_length=MAX_URL)] | None = None
    callback_secret: Annotated[Text, StringConstraints(min_length=1, max_length=MAX_NAME)] | None = None
    answers_per_task: Annotated[int, Field(ge=1, le=10)] = 1

    @model_validator(mode="after")
    def _names_once(self) -> ProjectChange:
        names = [field.name for field in self.input_spec] + [field.name for field in self.output_spec]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the name {twice!r} is given to two fields; each has one of its own")
        return self

    def fields(self) -> ProjectFields:
        """What was sent."""
        sent = self.model_fields_set
        values: dict[str, Any] = {
            name: getattr(self, name) for name in sent if name not in ("input_spec", "output_spec")
        }
        inputs = [Input(field.name, field.type, field.required) for field in self.input_spec]
        outputs = [field.output() for field in self.output_spec]
        return ProjectFields(
            values, inputs if "input_spec" in sent else None, outputs if "output_spec" in sent else None
        )


class NewProject(ProjectChange):
    """A new project, which has a title and an input field at least."""

    title: Annotated[Text, StringConstraints(min_length=1, max_length=MAX_TITLE)]
    input_spec: Annotated[list[InputField], Field(min_length=1, max_length=MOST_FIELDS)]
