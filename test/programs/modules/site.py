import builtins
import site
import sys

print(site.ENABLE_USER_SITE, site.getusersitepackages(), [p for p in site.getsitepackages()], exit, quit, copyright is not None, builtins.help)
print(sorted(name for name in dir(builtins) if name[0] == "_" or name in ("exit", "quit", "copyright", "credits", "license", "help")))
exit("leaves by site's exit")
