if True:
        print("blanks")
	print("tab")
