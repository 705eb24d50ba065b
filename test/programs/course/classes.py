class Account:
    """A bank account."""

    interest = 0.02
    _count = 0

    def __init__(self, owner, balance=0):
        self.owner = owner
        self._balance = balance
        Account._count += 1

    @property
    def balance(self):
        return self._balance

    @balance.setter
    def balance(self, value):
        if value < 0:
            raise ValueError(f"{self.owner} has not so much")
        self._balance = value

    @classmethod
    def count(cls):
        return cls._count

    @staticmethod
    def rounded(amount):
        return round(amount, 2)

    def __repr__(self):
        return f"Account({self.owner!r}, {self._balance})"

    def __eq__(self, other):
        return isinstance(other, Account) and self._balance == other._balance

    def __lt__(self, other):
        return self._balance < other._balance

    def __add__(self, other):
        return Account(f"{self.owner}&{other.owner}", self._balance + other._balance)

    def __iter__(self):
        yield from (self.owner, self._balance)

    def __len__(self):
        return self._balance

    def __enter__(self):
        print("opens", self)
        return self

    def __exit__(self, kind, error, trace):
        print("closes", self, kind and kind.__name__, error)
        return kind is ValueError


class Savings(Account):
    def __init__(self, *args, rate, **more):
        super().__init__(*args, **more)
        self.rate = rate

    def __str__(self):
        return f"{super().__repr__()} at {self.rate:.1%}"


ada, alan = Account("Ada", 5), Savings("Alan", balance=7, rate=0.035)
print(ada, alan, [alan], ada == alan, sorted([alan, ada]), ada + alan, list(ada), len(alan), Account.count())
with ada as account:
    account.balance -= 10
    print("never")
print(Savings.__mro__, isinstance(alan, Account), hasattr(ada, "rate"), Account.__doc__, alan.__dict__)
print(Account.rounded(3.14159), vars(ada))
ada.rate
