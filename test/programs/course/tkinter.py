import tkinter

try:
    window = tkinter.Tk()
except tkinter.TclError as error:
    print("no window:", error)
