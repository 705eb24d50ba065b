raise ValueError("x" * 3000 + "\n" + "second line\twith a tab and \x1b[1mbold\x1b[0m")
