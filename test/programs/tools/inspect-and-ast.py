import ast
import dis
import inspect
import symtable
import tokenize


def f(a, b=2, *args, c, **kwargs):
    "Doc."
    return a + b


print(inspect.signature(f), inspect.getdoc(f), inspect.getsource(f), inspect.getsourcelines(f)[1])
print(ast.dump(ast.parse("x = 1 + 2")), eval(compile(ast.parse("1 + 2", mode="eval"), "", "eval")), ast.literal_eval("[1, {'a': None}]"))
print([i.opname for i in dis.get_instructions(f)][-1], symtable.symtable("x = 1", "s", "exec").get_symbols())
with open(__file__, "rb") as file:
    print(next(tokenize.tokenize(file.readline)).string)
print(inspect.getframeinfo(inspect.currentframe()).code_context)
