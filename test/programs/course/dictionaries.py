from collections import Counter, OrderedDict, defaultdict, deque, namedtuple

text = "it was the best of times it was the worst of times"
counts = {}
for word in text.split():
    counts[word] = counts.get(word, 0) + 1
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
    print(f"{word:<6}{count}")
print(Counter(text).most_common(3), defaultdict(list, a=[1]), OrderedDict(a=1), deque([1, 2, 3], maxlen=2))
Pair = namedtuple("Pair", "left right")
print(Pair(1, right=2), Pair(3, 4)._asdict(), {**counts, "x": 1} | {"y": 2} if hasattr(dict, "__or__") else None)
print(counts.pop("none", "nothing"), counts.setdefault("new", []), list(counts)[-1], dict(zip("ab", range(2))))
print(counts["missing"])
