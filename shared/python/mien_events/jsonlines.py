"""Messages as the JSON lines of the firmware's ``jsonl://``, digit for digit."""

import json
import math
from dataclasses import fields, is_dataclass
from typing import Any, Dict, Tuple

from .messages import Expression, Face, Hello, Message, Reading, Status

_TYPES = {Hello: "hello", Reading: "reading", Status: "status"}


def dumps(message: Message) -> str:
    """One JSON object without a line's end."""
    return _write(to_dict(message))


def to_dict(message: Message) -> Dict[str, Any]:
    """The message as plain dictionaries, lists, strings and numbers, without what is absent."""
    return {"type": _TYPES[type(message)], **_plain(message)}


def _plain(value: Any) -> Any:
    if isinstance(value, Face):
        return _face(value)
    if is_dataclass(value):
        present = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {name: _plain(item) for name, item in present if item is not None}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _face(face: Face) -> Dict[str, Any]:
    plain: Dict[str, Any] = {}
    for field in fields(face):
        value = getattr(face, field.name)
        if isinstance(value, Expression):
            # An expression that is unknown is null, one that is withheld is absent.
            plain["expression"] = value.label
            if value.unknown is not None:
                plain["unknown"] = value.unknown
            plain.update(confidence=value.confidence, probs=value.probs)
        elif value is not None:
            plain[field.name] = _plain(value)
    return plain


def _write(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(key)}:{_write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_write, value)) + "]"
    if isinstance(value, float):
        return _float(value)
    return _text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _float(value: float) -> str:
    """As the firmware prints 32-bit floats: exponents only below 1e-6 and from 1e13 on."""
    if not math.isfinite(value):
        return "null"
    if value == 0.0:
        return "-0.0" if math.copysign(1.0, value) < 0 else "0.0"
    mantissa, _, exponent = f"{value:.16e}".partition("e")
    if -6 <= int(exponent) <= 12:
        return _fixed(value)
    mantissa, _, exponent = _scientific(value)
    return f"{mantissa}e{int(exponent):+d}"


def _fixed(value: float) -> str:
    plain = repr(value)
    if "e" not in plain:
        return plain
    # Python turns to exponents at 1e-5 already.
    digits = plain.partition("e")[0].replace("-", "").replace(".", "")
    zeros = -int(plain.partition("e")[2]) - 1
    return f"{'-' if value < 0 else ''}0.{'0' * zeros}{digits}"


def _scientific(value: float) -> Tuple[str, str, str]:
    for digits in range(17):
        text = f"{value:.{digits}e}"
        if float(text) == value:
            return text.partition("e")
    return repr(value).partition("e")
