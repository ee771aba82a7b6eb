"""What pydantic finds wrong with a value, in a dealer's words."""

from __future__ import annotations

from pydantic_core import ErrorDetails


def reason_of(error: ErrorDetails) -> str:
    limits = error.get("ctx") or {}
    match error["type"]:
        case "string_too_long":
            return f"Der Text hat mehr als {limits['max_length']} Zeichen."
        case "greater_than_equal":
            return f"Der Wert ist zu klein, möglich ist er ab {limits['ge']}."
        case "less_than_equal":
            return f"Der Wert ist zu groß, möglich ist er bis {limits['le']}."
        case "decimal_max_digits" | "decimal_whole_digits":
            return "Der Wert ist zu groß."
        case "string_pattern_mismatch":
            return "Das Jahr liegt nicht zwischen 1800 und 2199."
        case _:
            return "Der Wert ist nicht möglich."
