import curses


def main(screen):
    curses.curs_set(0)
    curses.start_color()
    curses.init_pair(1, curses.COLOR_RED, curses.COLOR_BLACK)
    screen.addstr(1, 2, "Press a key", curses.color_pair(1) | curses.A_BOLD)
    screen.border()
    screen.refresh()
    key = screen.getch()
    window = curses.newwin(5, 20, 3, 5)
    window.keypad(True)
    window.addstr(1, 1, f"Again {chr(key)} ü")
    window.refresh()
    return key, window.getch(), screen.getmaxyx(), curses.COLORS, curses.has_colors()


print(curses.wrapper(main), curses.KEY_DOWN)
