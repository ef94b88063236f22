"""The settings of a model as data: what each is for, what it may be, and how to read it from text or JSON.

A model declares its settings in its Config, one `setting` per field; checks, command line and Train page read them.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from recsys.errors import UsageError, show

LARGEST = 1e15
"""No number is larger: it is still exact as a float, as JSON holds it."""
LARGEST_WHOLE = 2**31 - 1
"""No whole number is larger: what libraries count with in C."""


@dataclass(frozen=True)
class Setting:
    """One hyperparameter.

    Args:
        name: of the field.
        default: its type is that of every value.
        help: what it is, as the Train page says.
        low: the smallest value, of a tuple the smallest entry; None where there is none.
        high: the largest value, likewise.
        includes_low: whether `low` itself is allowed.
        includes_high: whether `high` itself is allowed.
        choices: the only values; empty where there is a range.
        max_entries: the most entries of a tuple; None where there is no limit.
        least: the smallest value that a visitor of a server may ask for; None: `low`.
        most: the largest, likewise; None: `high`.
    """

    name: str
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    includes_low: bool = True
    includes_high: bool = True
    choices: tuple[str, ...] = ()
    max_entries: int | None = None
    least: float | None = None
    most: float | None = None

    @property
    def kind(self) -> str:
        """bool, int, float, str, or tuple: one or more whole numbers."""
        return type(self.default).__name__

    @property
    def rule(self) -> str:
        """What a value must be, as an error says it: "must be positive"."""
        if self.choices:
            named = ", ".join(self.choices)
            return f"must be {' or '.join(self.choices)}" if len(self.choices) == 2 else f"must be one of {named}"
        if self.kind == "tuple":
            at_most = "" if self.max_entries is None else f"at most {self.max_entries} "
            return f"needs {at_most}positive widths" + ("" if self.high is None else f" up to {self.high}")
        return f"must be {_KINDS[self.kind]}" if self.kind in ("bool", "str") else f"must {self._range()}"

    def check(self, value: Any) -> None:
        """Raises UsageError for a value of another type or out of range: "learning_rate must be positive. Received -1."

        Whole numbers stand for numbers too, as JSON writes 3.0 as 3.
        """
        entries = value if isinstance(value, tuple) else (value,)
        kind = int if self.kind == "tuple" else type(self.default)
        is_of_kind = isinstance(value, tuple) == (self.kind == "tuple") and all(_is(entry, kind) for entry in entries)
        if not is_of_kind:
            raise self._not_of_kind(value)
        if self.choices:
            is_allowed = value in self.choices
        elif self.kind in ("bool", "str"):
            is_allowed = True
        else:
            is_allowed = 0 < len(entries) <= (self.max_entries or len(entries)) and all(map(self._is_in_range, entries))
        if not is_allowed:
            if self.kind == "int" and value > LARGEST_WHOLE and self.high is None:
                raise UsageError(f"{self.name} must be at most {LARGEST_WHOLE}. Received {show(value, quoted=False)}.")
            raise UsageError(f"{self.name} {self.rule}. Received {show(value, quoted=False)}.")

    def read(self, value: Any) -> Any:
        """JSON or text as the type of the default; tuples are written 256,128. Raises UsageError for anything else."""
        try:
            if self.kind == "tuple":
                parts = value.split(",") if isinstance(value, str) else value
                if not isinstance(parts, list | tuple):
                    raise ValueError
                return tuple(_whole(part) for part in parts)
            return _READERS[self.kind](value)
        except (ValueError, KeyError, OverflowError):
            raise self._not_of_kind(value) from None

    def _not_of_kind(self, value: Any) -> UsageError:
        example = ",".join(map(str, self.default)) if self.kind == "tuple" else self.default
        return UsageError(f"{self.name} must be {_KINDS[self.kind]}, such as {example}. Received {show(value)}.")

    def _is_in_range(self, value: float) -> bool:
        if not abs(value) <= (LARGEST_WHOLE if self.kind in ("int", "tuple") else LARGEST):  # so, it refuses NaN too
            return False
        is_above = self.low is None or value > self.low or (self.includes_low and value == self.low)
        is_below = self.high is None or value < self.high or (self.includes_high and value == self.high)
        return is_above and is_below

    def _range(self) -> str:
        match (self.low, self.includes_low, self.high, self.includes_high):
            case (None, _, None, _):
                return "be finite"
            case (None, _, high, includes_high):
                return f"be {'at most' if includes_high else 'below'} {high}"
            case (0, True, None, _):
                return "not be negative"
            case (0, False, None, _):
                return "be positive"
            case (low, True, None, _):
                return f"be at least {low}"
            case (low, True, high, True):
                return f"be between {low} and {high}"
            case (low, True, high, False):
                return f"be in [{low}, {high})"
            case (low, _, high, includes_high):
                return f"be above {low} and {'at most' if includes_high else 'below'} {high}"


def setting(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    below: float | None = None,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """A field of a Config: `low` and `high` are allowed themselves, `above` and `below` are not.

    `least` and `most` bound what a visitor of a server may ask for, where that is less than what the model takes.
    """
    about = {
        "help": help,
        "low": low if above is None else above,
        "high": high if below is None else below,
        "includes_low": above is None,
        "includes_high": below is None,
        "choices": choices,
        "least": least,
        "most": most,
    }
    return field(default=default, metadata=about)


def describe(config_class: type) -> tuple[Setting, ...]:
    """The settings of a Config, in the order in which it has them."""
    return tuple(Setting(name=f.name, default=f.default, **f.metadata) for f in fields(config_class))


@dataclass(frozen=True)
class ModelConfig:
    """The hyperparameters of a model: a frozen dataclass with one `setting` per field.

    Raises UsageError for the first value that is not allowed.
    """

    def __post_init__(self) -> None:
        for known in describe(type(self)):
            known.check(getattr(self, known.name))


def config_from(config_class: type, settings: dict[str, Any]) -> Any:
    """A configuration with some fields set, from JSON values or from text as on the command line.

    Raises UsageError for an unknown field and for a value that is of the wrong type or out of range.
    """
    known = {each.name: each for each in describe(config_class)}
    for key in settings:
        if key not in known:
            raise UsageError(f"There is no setting {show(key)}; available: {', '.join(sorted(known)) or 'none'}.")
    return config_class(**{key: known[key].read(value) for key, value in settings.items()})


def completed(config_class: type, stored: dict[str, Any]) -> dict[str, Any]:
    """A configuration from a record: a setting that is newer than the record had its default then."""
    return config_to_json(config_class()) | stored


def config_to_json(config: Any) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(config).items()}


_KINDS = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "a word",
    "tuple": "numbers separated by commas",
}


def _is(value: object, kind: type) -> bool:
    """Whether `value` is a plain Python value of that kind; True is no number."""
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    return isinstance(value, int | float if kind is float else kind)


def _number(value: object) -> float:
    """A finite number, from one or from text in plain digits."""
    is_text = isinstance(value, str) and value.isascii()
    if not is_text and not _is(value, float):
        raise ValueError
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number):
        raise ValueError
    return number


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = _number(value)
    if number != int(number):
        raise ValueError
    return int(number)


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str | int):
        return {"true": True, "1": True, "false": False, "0": False}[str(value).lower()]
    raise ValueError


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


_READERS = {"bool": _truth, "int": _whole, "float": _number, "str": _word}
