print("package", __name__, __file__.rpartition("/work/")[2])
