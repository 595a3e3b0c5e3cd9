"""What columns are called, in English and Chinese, and which field each name speaks of.

English names are compared word by word (`CustomerID` has the words customer and id), Chinese ones
by what they contain. Earlier names are the better ones.
"""

import re
from typing import Final

_STEP: Final = 0.05  # a name less than the one before it
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

NAMES: Final[dict[str, str]] = {
    "customer_id": "customer user household member client buyer reviewer cust uid shopper master "
    "客户 顾客 用户 会员 买家",
    "ts": "timestamp datetime time date 时间 日期",
    "order_id": "order invoice basket bill receipt transaction 订单 单号",
    "item_id": "product item sku asin stock article clothing goods 商品 产品 货号",
    "item_name": "description 商品名 品名 产品名 标题",
    "category": "category cat department class 类别 分类 品类 类目",
    "brand": "brand 品牌",
    "quantity": "quantity qty pieces units cds 数量 件数",
    "price": "price 单价 价格 售价",
    "amount": "amount total sales dollars revenue paid 金额 总价 销售额 实付",
    "discount": "discount disc 折扣 优惠",
    "coupon": "coupon voucher 优惠券",
    "rating": "rating overall stars star score 评分 星级 打分",
    "text": "text comment comments review body content 评论 评价 内容",
    "action": "action behavior behaviour event type 行为 动作",
    "query": "query keyword search 搜索 关键词",
    "channel": "channel 渠道",
    "device": "device 设备",
    "reason": "reason 原因",
    "age": "age 年龄",
    "gender": "gender sex 性别",
    "income": "income salary 收入",
    "occupation": "occupation job profession 职业",
    "education": "education degree 学历 教育",
    "marital_status": "marital 婚姻",
    "household_size": "household_size 家庭人数",
    "country": "country 国家",
    "region": "region province state 省份 地区",
    "city": "city town 城市",
    "language": "language 语言",
}
"""The names of each field's columns, best first."""

_SPOILERS: Final = {
    "customer_id": {"name", "size", "comp", "type", "count", "昵称"},
    "item_id": {"name", "type", "category", "名", "类"},
    "order_id": {"date", "time", "status", "type"},
    "discount": {"type"},
    "coupon": {"disc", "discount", "amount", "count"},
    "text": {"time", "count", "id", "title"},
    "category": {"id"},
    "brand": {"count"},
    "rating": {"count"},
    "amount": {"count"},
    "price": {"band"},
}
"""Words that make a name speak of something else: a customer's name is no customer's id."""

ACTIONS: Final = {
    "view": "view pv click browse detail 浏览 点击",
    "favourite": "favourite favorite fav collect wish wishlist 收藏",
    "cart_add": "cart cart_add add_to_cart addtocart 加购 购物车",
    "cart_remove": "cart_remove remove_from_cart",
    "search": "search query 搜索",
    "purchase": "buy purchase order transaction 购买 下单",
}
"""Words for what a customer does; `purchase` is an event of its own."""

CODES: Final[dict[tuple[str, ...], dict[str, str]]] = {
    ("0", "1", "2", "3"): {"0": "view", "1": "purchase", "2": "favourite", "3": "cart_add"},
    ("1", "2", "3", "4"): {"1": "view", "2": "favourite", "3": "cart_add", "4": "purchase"},
}
"""Codes without words, as the click logs of large Chinese shops have had them."""


def words(name: str) -> list[str]:
    """The words of a column's name, in lower case.

    >>> words("unixReviewTime"), words("CustomerID"), words("coupon_match_disc")
    (['unix', 'review', 'time'], ['customer', 'id'], ['coupon', 'match', 'disc'])
    """
    return [word.lower() for word in _WORD.findall(name)]


def closeness(field: str, name: str) -> float:
    """How well a column's name fits a field, from 0 (not at all) to 1.05 (it is its best name).

    >>> closeness("price", "price"), closeness("price", "UnitPrice"), closeness("price", "colour")
    (1.05, 1.0, 0.0)
    """
    known, said, whole = NAMES[field].split(), words(name), name.strip().lower()
    if not is_named(field, name) and _is_spoilt(field, said, name):
        return 0.0
    places = [
        place for place, word in enumerate(known) if word == whole or _speaks(word, said, name)
    ]
    return 1.0 - _STEP * places[0] + _STEP * is_named(field, name) if places else 0.0


def is_named(field: str, name: str) -> bool:
    """Whether the whole name is one of the field's."""
    return name.strip().lower() in NAMES[field].split()


def _is_spoilt(field: str, said: list[str], name: str) -> bool:
    return any(_speaks(word, said, name) for word in _SPOILERS.get(field, ()))


def _speaks(word: str, said: list[str], name: str) -> bool:
    return word in said if word.isascii() else word in name
