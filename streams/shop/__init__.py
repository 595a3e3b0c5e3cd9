"""A synthetic shop: events of customers whose truth is known. No I/O, no clock."""

from streams.shop.kinds import KINDS, CustomerKind
from streams.shop.shop import Sent, Shop, ShopError, Truth

__all__ = ["KINDS", "CustomerKind", "Sent", "Shop", "ShopError", "Truth"]
