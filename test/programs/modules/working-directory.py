import glob
import os
import pathlib

print(os.getcwd(), pathlib.Path.cwd(), os.path.abspath("x"), os.environ["PWD"], glob.glob("*"), pathlib.Path(__file__).resolve().parent)
print(os.path.expanduser("~"), pathlib.Path.home(), os.path.relpath("/home"[:0] or ".", "."), os.path.realpath("../work/main.py"))
os.mkdir("sub")
os.chdir("sub")
print(os.getcwd(), os.listdir(".."))
os.system("pwd; ls -a ..")
