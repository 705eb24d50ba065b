class Menu:
    def __init__(self):
        self.actions = {"1": self.hello, "q": self.leave}
        self.going = True

    def hello(self):
        print("Hello!")

    def leave(self):
        self.going = False

    def run(self):
        while self.going:
            print("1) Hello\nq) Quit")
            self.actions.get(input("Choice: "), lambda: print("What?"))()


Menu().run()
