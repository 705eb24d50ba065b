import itertools
import heapq
import bisect

print(list(itertools.permutations("abc", 2)), list(itertools.combinations(range(4), 2)), list(itertools.product([0, 1], repeat=2)))
print([(k, list(g)) for k, g in itertools.groupby("aaabbc")], list(itertools.accumulate([1, 2, 3, 4])), list(itertools.chain("ab", "c")))
print(list(itertools.zip_longest("ab", "x", fillvalue="-")), list(itertools.islice(itertools.cycle("xy"), 5)), list(itertools.starmap(pow, [(2, 3)])))
heap = [5, 1, 4]
heapq.heapify(heap)
print(heapq.heappop(heap), heap, heapq.nlargest(2, [3, 9, 1]), bisect.bisect([1, 3, 5], 3))
first, second = itertools.tee(iter([1, 2]))
print(list(first), list(second), list(enumerate("ab", 1)), list(reversed([1, 2])), list(zip([1], [2, 3])))
