import os, sys
size = os.get_terminal_size()
print(sys.stdout.isatty(), f"{size.columns}x{size.lines}", flush=True)
input()
size = os.get_terminal_size()
print(f"now {size.columns}x{size.lines}")
