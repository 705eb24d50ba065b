import cProfile
import io
import pstats
import timeit


def f():
    return sum(range(100))


print(timeit.timeit(f, number=10) > 0, timeit.repeat("x = 1", repeat=2, number=1)[0] >= 0)
profile = cProfile.Profile()
profile.runcall(f)
text = io.StringIO()
pstats.Stats(profile, stream=text).print_stats()
print(text.getvalue().splitlines()[0].strip().split(" in ")[0])
