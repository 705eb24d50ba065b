class ShopError(Exception):
    """Base."""


class OutOfStock(ShopError):
    def __init__(self, item, left):
        super().__init__(item, left)
        self.item = item

    def __str__(self):
        return f"no more {self.item}"


try:
    raise OutOfStock("tea", 0)
except ShopError as error:
    print(repr(error), error, error.args)
finally:
    print("finally")
raise OutOfStock("coffee", left=0)
