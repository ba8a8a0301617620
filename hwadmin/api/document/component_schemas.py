"""The schemas of the OpenAPI document, from the pydantic models of the calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import (
    CoreModeRef,
    CoreRef,
    DefsRef,
    GenerateJsonSchema,
    JsonSchemaValue,
    models_json_schema,
)
from pydantic_core import core_schema

from hwadmin.api.calls import Call
from hwadmin.api.document.examples import examples_of
from hwadmin.schemas import problem_models
from hwadmin.schemas.strict import public_name, without_suffix

# Where the schema of a model stands.
REF = "#/components/schemas/{model}"


class _PublicSchemas(GenerateJsonSchema):
    """Names the schemas as programs know them, and leaves out the defaults that say nothing.

    Generators of clients take a field with a default for one that is always there. What is left out of a
    request is not null either: it stays as it is.
    """

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", 0) in (None, []):
            del made["default"]
        return made

    def get_defs_ref(self, core_mode_ref: CoreModeRef) -> DefsRef:
        reference, mode = core_mode_ref
        module_and_name, colon, number = reference.rpartition(":")
        return super().get_defs_ref((CoreRef(f"{without_suffix(module_and_name)}{colon}{number}"), mode))


def schemas_of(calls: Sequence[Call]) -> dict[str, Any]:
    """The schemas of all bodies and answers by name, each with its example."""
    models: dict[type[BaseModel], Literal["validation", "serialization"]] = {}
    for call in calls:
        if call.body is not None:
            models[call.body] = "validation"
        for response in (call.response, *call.other_responses.values()):
            if response is not None:
                models[response] = "serialization"
        if call.query is not None:
            models[call.query] = "validation"
    models[problem_models.Problem] = "serialization"
    _, definitions = models_json_schema(
        list(models.items()), ref_template=REF, schema_generator=_PublicSchemas
    )
    schemas: dict[str, Any] = definitions["$defs"]
    # Queries appear parameter by parameter.
    for call in calls:
        if call.query is not None:
            schemas.pop(public_name(call.query), None)
    for model, example in examples_of(calls).items():
        if public_name(model) in schemas:
            schemas[public_name(model)]["examples"] = [example]
    return schemas
