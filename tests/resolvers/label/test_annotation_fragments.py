"""Annotations of films, in the fragments of released clients: an interface and a type each ask for a part of one field."""

import json

FRAGMENTS = """annotations {
  __typename id job path labelId
  ... on VideoAnnotation { frames { start end } keyAnnotations { id frame } }
  ... on VideoClassificationAnnotation { keyAnnotations { id annotationValue { categories } } }
}"""


async def test_parts_that_fragments_ask_for_are_one_value(organization):
    interface = {
        "jobs": {
            "SCENE": {
                "mlTask": "CLASSIFICATION",
                "required": 0,
                "isChild": False,
                "content": {"input": "radio", "categories": {"DAY": {"name": "Day"}, "NIGHT": {"name": "Night"}}},
            }
        }
    }
    project = await organization.project(interface, inputType="VIDEO")
    asset = await project.asset()
    size = {"id": asset, "size": {"width": 320, "height": 240}}
    change = """mutation ($id: ID!, $size: ResolutionInput) {
      data: updatePropertiesInAsset(where: {id: $id}, data: {resolution: $size}) { id } }"""
    await project.admin.data(change, size)
    said = {"0": {"SCENE": {"categories": [{"name": "DAY"}], "isKeyFrame": True}}}
    label = await project.label(asset, json_response=json.dumps(said))

    (found,) = (await project.read_label(label, FRAGMENTS))["annotations"]

    assert (found["__typename"], found["frames"]) == ("VideoClassificationAnnotation", [{"start": 0, "end": 0}])
    (key_annotation,) = found["keyAnnotations"]
    assert set(key_annotation) == {"id", "frame", "annotationValue"}
    assert (key_annotation["frame"], key_annotation["annotationValue"]) == (0, {"categories": ["DAY"]})
