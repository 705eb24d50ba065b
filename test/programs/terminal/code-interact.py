import code

code.interact(banner="Hello", local={"given": 1}, exitmsg="Bye")
print("back")
