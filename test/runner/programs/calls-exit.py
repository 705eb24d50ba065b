kept = 7
exit()
