import pickle
import shelve


class Point:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return self.x == other.x


with open("p.pickle", "wb") as file:
    pickle.dump([Point(1), {"a": (1, 2)}], file, protocol=2)
print(pickle.load(open("p.pickle", "rb"))[0].x, pickle.loads(pickle.dumps(Point(5))) == Point(5), pickle.dumps(Point(1), 2)[:30])
pickle.dumps(lambda: 1)
