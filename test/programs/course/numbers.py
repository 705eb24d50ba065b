import cmath
import math
from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction
import statistics

print(0.1 + 0.2, round(2.5), round(3.5), 7 // -2, 7 % -2, divmod(-7, 2), 2**100, 10**-2, 1_000, 0b101, 0o17, 0xFF, int("ff", 16))
print(Decimal("0.1") + Decimal("0.2"), Decimal(1) / 3, Decimal("2.675").quantize(Decimal(".01"), ROUND_HALF_UP), getcontext().prec)
print(Fraction(1, 3) + Fraction(1, 6), Fraction("0.125"), Fraction(math.pi).limit_denominator(1000))
print(math.sqrt(2), math.gcd(12, 18), math.factorial(20), math.isclose(0.1 + 0.2, 0.3), math.inf, math.floor(-1.5), math.log(8, 2), math.comb(5, 2))
print(statistics.mean([1, 2, 3, 4]), statistics.median([5, 1, 3]), statistics.stdev([2, 4, 4, 4, 5, 5, 7, 9]), statistics.mode("aab"))
print(cmath.sqrt(-1), complex(1, 2) * 1j, abs(3 + 4j), float("1e5"), int(3.9), bool(""), hash(1.0) == hash(1), True + True)
print(sum([0.1] * 10), math.fsum([0.1] * 10), (5).bit_length(), (255).to_bytes(2, "big"), float.hex(0.5), (0.1).as_integer_ratio())
print(math.sqrt(-1))
