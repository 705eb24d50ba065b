import curses


def main(screen):
    screen.addstr(100, 100, "outside")


curses.wrapper(main)
