class Leave(BaseException):
    pass


try:
    raise Leave("past Exception")
except Exception:
    print("never")
