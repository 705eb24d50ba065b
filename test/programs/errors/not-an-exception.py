class NotOne:
    pass


raise NotOne()
