import subprocess

first = subprocess.Popen(["seq", "100000"], stdout=subprocess.PIPE)
second = subprocess.Popen(["head", "-3"], stdin=first.stdout, stdout=subprocess.PIPE, text=True)
first.stdout.close()
print(second.communicate()[0].split(), first.wait())
