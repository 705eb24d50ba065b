import cmd


class Shop(cmd.Cmd):
    intro = "Welcome"
    prompt = "(shop) "

    def do_buy(self, line):
        "Buy something."
        print("bought", line)

    def do_quit(self, line):
        return True


Shop().cmdloop()
