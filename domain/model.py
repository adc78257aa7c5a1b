"""Language models that answer in conversations: where they are reached, and how a project has them answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from labelyard.domain.error import BadUserInput
from labelyard.domain.text import MAX_MODEL_NAME, MAX_URL, within

MAX_KEY = 4_096
MAX_CONFIGURATION_BYTES = 16 * 1024
MAX_TEMPERATURE = 2
MODELS_OF_A_CONVERSATION = 2
"""How many models answer a prompt: people compare two answers."""
MASKED_KEY = "***"
"""What is shown in place of a key."""
TEMPERATURE: Final = "temperature"
_DEPLOYMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_AZURE_VERSION: Final = "2024-10-21"
# What the server itself says in a request to a model.
_OF_THE_SERVER: Final = frozenset({"messages", "stream", "stream_options", "n", "tools", "functions"})


class ModelType(StrEnum):
    """By which interface a language model is reached."""

    AZURE_OPEN_AI = "AZURE_OPEN_AI"
    OPEN_AI_SDK = "OPEN_AI_SDK"


_KEYS: Final = {
    ModelType.AZURE_OPEN_AI: ("apiKey", "endpoint", "deploymentId"),
    ModelType.OPEN_AI_SDK: ("apiKey", "endpoint"),
}


@dataclass(frozen=True, slots=True)
class ModelCredentials:
    """Where a model is reached, and its key. `deployment_id` is of Azure only."""

    endpoint: str
    api_key: str
    deployment_id: str | None = None

    def __repr__(self) -> str:
        return f"ModelCredentials({self.endpoint!r})"


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A request for the answer of a model: an address, headers with the key, and a body."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"ModelRequest({self.url!r})"


def credentials_of(model_type: ModelType, value: Any) -> ModelCredentials:
    """The credentials of a model as clients send them, checked; refusals never repeat the key."""
    names = _KEYS[model_type]
    if not isinstance(value, Mapping):
        raise BadUserInput(
            f"The credentials of a model are an object with {', '.join(names)}.", field="input.credentials"
        )
    unknown = sorted(set(value) - set(names))
    missing = [name for name in names if not (isinstance(value.get(name), str) and value[name])]
    if unknown or missing:
        raise BadUserInput(
            f"The credentials of a model of type {model_type.value} are the texts {', '.join(names)}; "
            + (f"{missing[0]} is missing or empty." if missing else f"{unknown[0]} is none of them."),
            field="input.credentials",
            missing=missing,
            unknown=unknown,
        )
    key = value["apiKey"]
    if len(key) > MAX_KEY or not all("!" <= character <= "~" for character in key):
        raise BadUserInput(
            f"The apiKey of a model is 1 to {MAX_KEY:,} visible ASCII characters without spaces.",
            field="input.credentials.apiKey",
        )
    if key == MASKED_KEY:
        raise BadUserInput(
            f"The apiKey {MASKED_KEY} stands for a key that is not shown; send the key itself.",
            field="input.credentials.apiKey",
        )
    deployment = value.get("deploymentId")
    if deployment is not None and not _DEPLOYMENT.fullmatch(deployment):
        raise BadUserInput(
            f"{deployment!r} is no id of a deployment: up to 100 letters, digits, dots, hyphens and underscores.",
            field="input.credentials.deploymentId",
        )
    return ModelCredentials(endpoint_of(value["endpoint"]), key, deployment)


def endpoint_of(text: str) -> str:
    """The address of a model, without a slash at its end."""
    within(text, name="An endpoint", limit=MAX_URL, least=1)
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    else:
        is_address = is_address and not (parts.username or parts.password or parts.query or parts.fragment)
    if not is_address or any(not "!" <= character <= "~" for character in text):
        raise BadUserInput(
            f"{text!r} is no endpoint of a model; write it like https://api.example.com/v1, without user, query or fragment.",
            field="input.credentials.endpoint",
        )
    return text.rstrip("/")


def model_name_of(text: str) -> str:
    """The name of a model, which clients choose."""
    return within(text, name="The name of a model", limit=MAX_MODEL_NAME, least=1)


def configuration_of(value: Any) -> str:
    """The configuration of a model in a project, checked, as JSON text.

    `model` names the model to its endpoint; `temperature` is a number, or a range that is drawn from for each conversation; all
    else is handed to the endpoint as it is.
    """
    configuration = {} if value is None else value
    if not isinstance(configuration, Mapping):
        raise BadUserInput("The configuration of a model is an object.", field="configuration")
    text = orjson.dumps(configuration)
    if len(text) > MAX_CONFIGURATION_BYTES:
        raise BadUserInput(
            f"The configuration of a model has at most {MAX_CONFIGURATION_BYTES:,} bytes, not {len(text):,}.",
            field="configuration",
            limit=MAX_CONFIGURATION_BYTES,
        )
    if b"\\u0000" in text:
        raise BadUserInput("The configuration of a model cannot hold a NUL character.", field="configuration")
    name = configuration.get("model")
    if name is not None and not (isinstance(name, str) and 0 < len(name) <= MAX_MODEL_NAME):
        raise BadUserInput(
            f"`model` in a configuration is the name of the model, of 1 to {MAX_MODEL_NAME} characters.",
            field="configuration.model",
        )
    reserved = sorted(_OF_THE_SERVER & configuration.keys())
    if reserved:
        raise BadUserInput(
            f"`{reserved[0]}` is chosen by the server; leave it out of the configuration.",
            field=f"configuration.{reserved[0]}",
        )
    _check_temperature(configuration.get(TEMPERATURE))
    return text.decode()


def _check_temperature(value: Any) -> None:
    if value is None or _is_temperature(value):
        return
    is_range = (
        isinstance(value, Mapping) and value.keys() == {"min", "max"} and all(map(_is_temperature, value.values()))
    )
    if not is_range or value["min"] > value["max"]:
        raise BadUserInput(
            f"`temperature` is a number of 0 to {MAX_TEMPERATURE}, or a range of them such as "
            '{"min": 0.2, "max": 0.8}.',
            field="configuration.temperature",
        )


def _is_temperature(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_TEMPERATURE


def drawn(configuration: str, draw: Callable[[float, float], float]) -> str:
    """The configuration of one conversation: a temperature drawn where there is a range; `draw` is like `random.uniform`."""
    value = orjson.loads(configuration)
    temperature = value.get(TEMPERATURE)
    if not isinstance(temperature, dict):
        return configuration
    value[TEMPERATURE] = round(draw(temperature["min"], temperature["max"]), 2)
    return orjson.dumps(value).decode()


def model_in(configuration: str) -> str | None:
    """The name by which a configuration knows its model."""
    name: str | None = orjson.loads(configuration).get("model")
    return name


def request_of(
    model_type: ModelType,
    credentials: ModelCredentials,
    *,
    name: str,
    configuration: str,
    messages: list[dict[str, str]],
) -> ModelRequest:
    """The request for an answer, streamed, to a list of messages; `name` is that of the model where its configuration has none."""
    options = {key: value for key, value in orjson.loads(configuration).items() if value is not None}
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    if model_type is ModelType.AZURE_OPEN_AI:
        options.pop("model", None)  # the deployment says it
        url = (
            f"{credentials.endpoint}/openai/deployments/{credentials.deployment_id}/chat/completions"
            f"?api-version={_AZURE_VERSION}"
        )
        headers["api-key"] = credentials.api_key
    else:
        options.setdefault("model", name)
        url = credentials.endpoint
        if not url.endswith("/chat/completions"):
            url += "/chat/completions"
        headers["Authorization"] = f"Bearer {credentials.api_key}"
    return ModelRequest(url, headers, orjson.dumps({**options, "messages": messages, "stream": True}))
