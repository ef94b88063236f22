"""JSON that anybody may have written, read into types: what is not as it should be is a ValueError that says where."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict

from recsys.errors import show

T = TypeVar("T")
_NAMES = {float: "a number", int: "a whole number", str: "text", bool: "true or false", NoneType: "null"}


def parse(content: bytes) -> Any:
    """A JSON value. Raises ValueError, also for what Python reads and JSON and UTF-8 lack: NaN, half a character."""
    try:
        value = json.loads(content.decode(), parse_constant=_number, parse_float=_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if b"\\ud" in content.lower():
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _number(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{show(text, quoted=False)} is not a number of JSON")
    return number


def as_type(kind: type[T], value: Any, **more: Any) -> T:
    """A dataclass or a TypedDict of an object of JSON; its own fields, and theirs, have the types that it names.

    Args:
        more: fields that are not in JSON.
    """
    return _object(kind, value, "", more)


def _object(kind: Any, value: Any, where: str, more: Mapping[str, Any]) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{where or 'it'} is not an object")
    hints = _hints(kind)
    if foreign := value.keys() - hints.keys():
        raise ValueError(f"{where or 'it'} has a field that is not known: {show(min(foreign), quoted=False)}")
    optional = {each.name for each in fields(kind) if _has_default(each)} if is_dataclass(kind) else set()
    if missing := hints.keys() - value.keys() - more.keys() - optional:
        raise ValueError(f"{where or 'it'} has no field {min(missing)}")
    dot = f"{where}." if where else ""
    found = {name: _typed(hints[name], each, f"{dot}{name}") for name, each in value.items() if name not in more}
    return kind(**found, **more)


def _has_default(each: Any) -> bool:
    return each.default is not MISSING or each.default_factory is not MISSING


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _typed(hint: Any, value: Any, where: str) -> Any:
    """`value`, with objects as what the hint names and lists as tuples where it says so."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if is_dataclass(hint) or is_typeddict(hint):
        return _object(hint, value, where, {})
    if origin in (Union, UnionType):
        if value is None and NoneType in arguments:
            return None
        (hint,) = (each for each in arguments if each is not NoneType)
        return _typed(hint, value, where)
    if origin is dict and isinstance(value, dict):
        return {key: _typed(arguments[1], each, f"{where}.{show(key, quoted=False)}") for key, each in value.items()}
    if origin in (list, tuple) and isinstance(value, list):
        kinds = arguments[:1] * len(value) if origin is list or arguments[1:] == (...,) else arguments
        if len(kinds) != len(value):
            raise ValueError(f"{where} has {len(value)} values, not {len(kinds)}")
        pairs = zip(kinds, value, strict=True)
        return origin(_typed(each, part, f"{where}[{n}]") for n, (each, part) in enumerate(pairs))
    allowed = (int, float) if hint is float else (hint,)
    if origin is None and isinstance(value, allowed) and isinstance(value, bool) == (hint is bool):
        if isinstance(value, int) and abs(value) >= 2**63:
            raise ValueError(f"{where} is too large")
        return value
    expected = {dict: "an object", list: "a list", tuple: "a list"}.get(origin) or _NAMES[hint]
    raise ValueError(f"{where} must be {expected}. Received {show(value)}")
