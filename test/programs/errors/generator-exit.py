def g():
    try:
        yield 1
        yield 2
    except GeneratorExit:
        print("closed")
        raise
    finally:
        print("finally")


it = g()
next(it)
it.close()
gen = g()
print(next(gen))
gen.throw(ValueError("thrown in"))
