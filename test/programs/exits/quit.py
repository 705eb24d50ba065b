print("quits")
quit()
