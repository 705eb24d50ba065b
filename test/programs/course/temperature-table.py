print(f"{'Celsius':>10} | {'Fahrenheit':>10}")
print("-" * 10 + "-+-" + "-" * 10)
for celsius in range(-20, 41, 10):
    print(f"{celsius:>10} | {celsius * 9 / 5 + 32:>10.1f}")
