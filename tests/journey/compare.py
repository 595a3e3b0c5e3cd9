"""Hold the profiles of two runs to each other."""

Profiles = dict[str, dict[str, str]]


def differences(found: Profiles, expected: Profiles) -> list[tuple[str, str, object, object]]:
    """List (customer, field, found, expected) wherever two runs disagree."""
    return [
        (customer, name, found.get(customer, {}).get(name), expected.get(customer, {}).get(name))
        for customer in sorted(found.keys() | expected.keys())
        for name in sorted(found.get(customer, {}).keys() | expected.get(customer, {}).keys())
        if found.get(customer, {}).get(name) != expected.get(customer, {}).get(name)
    ]
