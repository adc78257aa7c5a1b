"""Documents of different client generations that contradict each other.

Releases up to 2.19.0 send `updatePropertiesInUser(data: {organizationRole: …})` as a text, later ones as the enumeration; no
type of the schema accepts both. The text is read as the enumeration before the document is validated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graphql import (
    ArgumentNode,
    DefinitionNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    NamedTypeNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    VariableDefinitionNode,
    VariableNode,
)

FIELD, ARGUMENT, KEY, ENUMERATION = "updatePropertiesInUser", "data", "organizationRole", "OrganizationRole"


def adapted(document: DocumentNode) -> DocumentNode:
    """The document as the schema understands it; the same object where there is nothing to adapt."""
    definitions = tuple(_definition(definition) for definition in document.definitions)
    return document if _are(definitions, document.definitions) else replace(document, definitions=definitions)


def _definition(definition: DefinitionNode) -> DefinitionNode:
    if not isinstance(definition, OperationDefinitionNode):
        return definition
    names: set[str] = set()
    chosen = definition.selection_set.selections
    fields = tuple(
        _field(node, names) if isinstance(node, FieldNode) and node.name.value == FIELD else node for node in chosen
    )
    declared = definition.variable_definitions or ()
    variables = tuple(_variable(variable, names) for variable in declared)
    if _are(fields, chosen) and _are(variables, declared):
        return definition
    selection_set = replace(definition.selection_set, selections=fields)
    return replace(definition, variable_definitions=variables, selection_set=selection_set)


def _field(node: FieldNode, names: set[str]) -> FieldNode:
    """The field with roles that are quoted written as the enumeration; variables that hold one are added to `names`."""
    written = node.arguments or ()
    arguments = tuple(_argument(argument, names) for argument in written)
    return node if _are(arguments, written) else replace(node, arguments=arguments)


def _argument(argument: ArgumentNode, names: set[str]) -> ArgumentNode:
    value = argument.value
    if argument.name.value != ARGUMENT or not isinstance(value, ObjectValueNode):
        return argument
    fields = tuple(_role(field, names) for field in value.fields)
    return argument if _are(fields, value.fields) else replace(argument, value=replace(value, fields=fields))


def _role(field: ObjectFieldNode, names: set[str]) -> ObjectFieldNode:
    value = field.value
    if field.name.value != KEY:
        return field
    if isinstance(value, VariableNode):
        names.add(value.name.value)
    elif isinstance(value, StringValueNode):
        return replace(field, value=EnumValueNode(value=value.value, loc=value.loc))
    return field


def _variable(variable: VariableDefinitionNode, names: set[str]) -> VariableDefinitionNode:
    is_text = isinstance(variable.type, NamedTypeNode) and variable.type.name.value == "String"
    if variable.variable.name.value not in names or not is_text:
        return variable
    return replace(variable, type=NamedTypeNode(name=NameNode(value=ENUMERATION), loc=variable.type.loc))


def _are(new: Sequence[object], old: Sequence[object]) -> bool:
    """Whether these are the same nodes."""
    return all(one is other for one, other in zip(new, old, strict=True))
