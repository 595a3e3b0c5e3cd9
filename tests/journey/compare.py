"""Hold the profiles of two runs to each other."""

import math

Profiles = dict[str, dict[str, str]]
TOLERANCE = 1e-9  # of weights, which are sums of floats: their order may differ


def differences(found: Profiles, expected: Profiles) -> list[tuple[str, str, object, object]]:
    """List (customer, field, found, expected) wherever two runs disagree."""
    return [
        (customer, name, found.get(customer, {}).get(name), expected.get(customer, {}).get(name))
        for customer in sorted(found.keys() | expected.keys())
        for name in sorted(found.get(customer, {}).keys() | expected.get(customer, {}).keys())
        if not _same(name, found.get(customer, {}).get(name), expected.get(customer, {}).get(name))
    ]


def _same(name: str, found: str | None, expected: str | None) -> bool:
    if found is None or expected is None or not name.endswith(".weight"):
        return found == expected
    return math.isclose(float(found), float(expected), rel_tol=TOLERANCE)
