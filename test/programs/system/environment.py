import os

print({name: value for name, value in sorted(os.environ.items()) if name not in ("TZ", "_", "OLDPWD", "SHLVL")})
os.environ["NEW"] = "ü"
os.system("echo $NEW")
print(os.getenv("MISSING", "default"), os.environb[b"NEW"])
del os.environ["HOME"]
os.environ["MISSING"]
