"""Checks a value against a JSON Schema: with jsonschema where Python has it, and by the part of JSON Schema that the
committed ones use everywhere."""
import json

try:
    import jsonschema
except ImportError:
    jsonschema = None

KINDS = {"object": dict, "array": list, "integer": int, "string": str, "number": (int, float), "boolean": bool, "null": type(None)}


def is_of(value, kind):
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def check_members(root, schema, value, where):
    known = schema.get("properties", {})
    yield from (f"{where} has no '{name}'" for name in schema.get("required", []) if name not in value)
    for name in value:
        if name in known:
            yield from check(root, known[name], value[name], f"{where}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{where} has '{name}'"


def check(root, schema, value, where):
    schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_of(value, kind) for kind in types):
        yield f"{where} is no {' or '.join(types)}"
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{where} is {value}"
    if isinstance(value, dict):
        yield from check_members(root, schema, value, where)
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            yield from check(root, schema["items"], item, f"{where}[{i}]")


def errors(path, value, everything=True):
    """Of a value and the schema in a file; with `everything` by jsonschema as well."""
    with open(path, encoding="utf-8") as file:
        root = json.load(file)
    yield from check(root, root, value, "it")
    if jsonschema and everything:
        yield from (f"schema: {error.message}" for error in jsonschema.Draft202012Validator(root).iter_errors(value))
