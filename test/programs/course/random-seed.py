import random

random.seed(2026)
print([random.randint(1, 6) for _ in range(10)])
print(random.choice("abcdef"), random.sample(range(100), 5), round(random.random(), 12))
cards = list("A23456789TJQK")
random.shuffle(cards)
print("".join(cards), random.choices(["red", "black"], weights=[1, 3], k=6), random.gauss(0, 1))
