import curses

curses.initscr()
