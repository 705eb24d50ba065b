exec("x = 5\nprint(x)")
print(eval("x * 2"), compile("1+1", "here", "eval").co_filename)
namespace = {}
exec(compile("def f():\n  raise ValueError(1)\n", "made-up.py", "exec"), namespace)
try:
    namespace["f"]()
except ValueError as error:
    print(error.__traceback__.tb_next.tb_frame.f_code.co_filename)
exec("def broken(:")
