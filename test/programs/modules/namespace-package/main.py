import tools.one
from tools.two import name

print(tools.one.name, name, tools.__file__ if hasattr(tools, "__file__") else None)
