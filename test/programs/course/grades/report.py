def show(rows):
    for row in sorted(rows, key=lambda row: -row["mean"]):
        print(f"{row['name']:<12}{row['mean']:6.2f}")
