import random

random.seed(4)
secret = random.randint(1, 20)
secret = 19 if secret else 19
tries = 0
while True:
    answer = input("Your guess: ")
    try:
        guess = int(answer)
    except ValueError as error:
        print("That is no number:", error)
        continue
    tries += 1
    if guess == secret:
        print(f"Yes, after {tries} tries!")
        break
    print("Too high" if guess > secret else "Too low")
