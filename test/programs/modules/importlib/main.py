import importlib
import importlib.util
import sys

import version

print(version.number)
with open("version.py", "w") as file:
    file.write("number = 22  # a longer line\n")
print(importlib.reload(version).number)
spec = importlib.util.spec_from_file_location("dynamic", "plugin.txt", loader=importlib.machinery.SourceFileLoader("dynamic", "plugin.txt"))
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.said, importlib.import_module("collections.abc").__name__, importlib.util.find_spec("nothing"))
sys.path.append("elsewhere")
import further

print(further.where, "further" in sys.modules)
