import warnings


def old():
    warnings.warn("old() is old", DeprecationWarning, stacklevel=2)
    return 1


old()
warnings.warn("user warning")
warnings.warn("user warning")
for _ in range(2):
    warnings.warn("in a loop", RuntimeWarning)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    old()
print([str(w.message) for w in caught])
warnings.filterwarnings("error")
old()
