source = "x = 1\0"
try:
    compile(source, "x", "exec")
except (ValueError, SyntaxError) as error:
    print(type(error).__mro__[-3], error)
