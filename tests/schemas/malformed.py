"""Malformed records, each with the reason that it must be refused for.

All are meant for the topic of purchases. Other tests send them in bulk among good records.
"""

import json
from typing import Final

GOOD: Final = {
    "type": "purchase",
    "event_id": "e1",
    "customer_id": "17850",
    "ts": 1291191960000,
    "order_id": "536365",
    "item_id": "85123A",
    "item_name": "WHITE HANGING HEART T-LIGHT HOLDER",
    "quantity": 6,
    "price": 2.55,
}


def good(**changes: object) -> bytes:
    """A purchase as bytes, with fields changed; a change to `...` leaves the field out."""
    fields = {key: value for key, value in {**GOOD, **changes}.items() if value is not ...}
    return json.dumps(fields).encode()


def _raw(field: str, json_value: str) -> bytes:
    return good(**{field: "@"}).replace(b'"@"', json_value.encode())


MALFORMED: Final[list[tuple[str, bytes, str, str]]] = [
    # name, record, expected error type, expected field
    ("no bytes", b"", "empty", ""),
    ("only white space", b" \n", "not_json", ""),
    ("not UTF-8", b'{"type": "purchase", "customer_id": "\xff\xfe"}', "not_utf8", ""),
    ("UTF-16", good().decode().encode("utf-16"), "not_utf8", ""),
    ("byte order mark", b"\xef\xbb\xbf" + good(), "not_json", ""),
    ("truncated", good()[:-9], "not_json", ""),
    ("two documents", good() + good(), "not_json", ""),
    ("two documents and a comma", good() + b"," + good(), "not_json", ""),
    ("closes its neighbour", b"}," + good(), "not_json", ""),
    ("opens a list", b"[" + good(), "not_json", ""),
    ("trailing zero byte", good() + b"\0", "not_json", ""),
    ("plain text", b"customer 17850 bought 6", "not_json", ""),
    ("NaN", _raw("price", "NaN"), "invalid", "price"),
    ("infinity", _raw("price", "-Infinity"), "invalid", "price"),
    ("too large an exponent", _raw("price", "1e400"), "invalid", "price"),
    ("lone surrogate", _raw("item_name", r'"\ud800"'), "not_json", ""),
    ("raw control character", _raw("item_name", '"a\x01b"'), "not_json", ""),
    ("deep nesting", b'{"a":' * 5000 + b"1" + b"}" * 5000, "too_deep", ""),
    ("too large", good(note="x" * 70_000), "too_large", ""),
    ("a list", b"[" + good() + b"]", "not_an_object", ""),
    ("a number", b"17850", "not_an_object", ""),
    ("null", b"null", "not_an_object", ""),
    ("deep list", b"[" * 1000 + b"]" * 1000, "too_deep", ""),
    ("no type", good(type=...), "missing", "type"),
    ("unknown type", good(type="refund"), "invalid", "type"),
    ("type of another topic", good(type="browse"), "invalid", "type"),
    ("type is a list", good(type=["purchase"]), "invalid", "type"),
    ("no customer", good(customer_id=...), "missing", "customer_id"),
    ("null customer", good(customer_id=None), "missing", "customer_id"),
    ("blank customer", good(customer_id="  "), "missing", "customer_id"),
    ("customer is a float", good(customer_id=17850.5), "invalid", "customer_id"),
    ("customer is a boolean", good(customer_id=True), "invalid", "customer_id"),
    ("customer with a brace", good(customer_id="a}b"), "invalid", "customer_id"),
    ("customer with white space", good(customer_id="a b"), "invalid", "customer_id"),
    ("customer with a line end", good(customer_id="17850\n"), "invalid", "customer_id"),
    ("customer with a command", good(customer_id="x\r\nFLUSHALL\r\n"), "invalid", "customer_id"),
    ("customer of 129 characters", good(customer_id="x" * 129), "invalid", "customer_id"),
    ("no event id", good(event_id=...), "missing", "event_id"),
    ("event id is an object", good(event_id={"$oid": "1"}), "invalid", "event_id"),
    ("no time", good(ts=...), "missing", "ts"),
    ("time in words", good(ts="yesterday"), "invalid", "ts"),
    ("time of a 13th month", good(ts="2011-13-01"), "invalid", "ts"),
    ("time before 1970", good(ts="1969-12-31T23:59:59Z"), "invalid", "ts"),
    ("time after 2100", good(ts=4_102_444_800_001), "invalid", "ts"),
    ("time is negative", good(ts=-1291191960), "invalid", "ts"),
    ("time is a boolean", good(ts=True), "invalid", "ts"),
    ("time of 400 digits", good(ts="9" * 400), "invalid", "ts"),
    ("newer major version", good(schema_version="2"), "invalid", "schema_version"),
    ("quantity zero", good(quantity=0), "invalid", "quantity"),
    ("quantity negative", good(quantity=-1), "invalid", "quantity"),
    ("quantity not whole", good(quantity=1.5), "invalid", "quantity"),
    ("quantity in words", good(quantity="six"), "invalid", "quantity"),
    ("quantity is a boolean", good(quantity=True), "invalid", "quantity"),
    ("quantity too large", good(quantity=10**30), "invalid", "quantity"),
    ("price negative", good(price=-0.01), "invalid", "price"),
    ("price too large", good(price=1e300), "invalid", "price"),
    ("price is a boolean", good(price=True), "invalid", "price"),
    ("price with a sign", good(price="£2.55"), "invalid", "price"),
    ("price NaN in a string", good(price="nan"), "invalid", "price"),
    ("unknown currency", good(currency="GBX"), "invalid", "currency"),
    ("currency in lower case", good(currency="gbp"), "invalid", "currency"),
    ("item id with a brace", good(item_id="{85123A}"), "invalid", "item_id"),
    ("order id of 129 characters", good(order_id="x" * 129), "invalid", "order_id"),
    ("item name too long", good(item_name="x" * 201), "invalid", "item_name"),
    ("item name with a control character", good(item_name="a\x1bc"), "invalid", "item_name"),
    ("category is a list", good(category=["toys"]), "invalid", "category"),
]
