matrix = [[1, 2, 3], [4, 5, 6]]
print([list(row) for row in zip(*matrix)], [[x * 2 for x in row] for row in matrix])
wrong = [[0] * 3] * 2
wrong[0][1] = 9
print(wrong)
for row in matrix:
    for value in row:
        print(value, end=" ")
    print()
a, (b, *c), d = 1, (2, 3, 4), 5
print(a, b, c, d, matrix[-1][::-1], matrix[0][5:])
print(matrix[2])
