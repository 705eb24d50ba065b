import functools
import operator


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print("calls", function.__name__, args, kwargs)
        return function(*args, **kwargs)

    return wrapper


@logged
def power(base, exponent=2):
    """Base to the exponent."""
    return base**exponent


@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@functools.singledispatch
def kind(value):
    return "something"


@kind.register(int)
def _(value):
    return "a number"


print(power(3), power(2, exponent=5), power.__name__, power.__doc__, fibonacci(90), fibonacci.cache_info())
print(kind(1), kind("a"), functools.reduce(operator.mul, range(1, 6)), functools.partial(int, base=2)("101"))
print(list(map(str, [1, 2])), list(filter(None, [0, 1, ""])), any([]), all([]), sorted([3, 1], key=functools.cmp_to_key(lambda a, b: a - b)))
power("a", exponent="b")
