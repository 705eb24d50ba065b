class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


def f():
    Noisy("local")


f()
one = Noisy("replaced")
one = None
