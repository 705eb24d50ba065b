/** The example that `assignment new` makes: it works, and shows one check of each kind. */

/** Its files, by their paths below the folder of the assignment. */
export function exampleFiles(name: string): ReadonlyMap<string, string> {
  return new Map([
    ["assignment.yaml", yaml(name)],
    ["README.md", task],
    ["starter/area.py", starter],
    ["solution/area.py", solution],
    ["checks/large.in", "1000000\n2000000\n"],
    ["checks/large.out", "Width: Height: The area is 2000000000000\n"],
  ]);
}

function yaml(name: string): string {
  return `# An assignment. "assignment check ${name}" finds mistakes, "assignment release ${name}" hands it out.
title: The area of a rectangle
# opens: 2030-09-01 08:00
# due: 2030-09-08 23:59
late: none                     # or: {days: 3, percentPerDay: 10, graceMinutes: 15}
limits: {seconds: 5, memoryMebibytes: 128}
files: [area.py]               # what students hand in
checks:
  - title: Three by four
    output: area.py            # the program
    input: "3\\n4\\n"
    expect: "Width: Height: The area is 12"
    compare: tokens            # exact, lines, tokens or numbers
    hint: int() makes a number of what input() gives.
  - title: area(3, 4)
    call: area(3, 4)
    in: area.py
    input: "3\\n4\\n"
    returns: "12"
    points: 2
  - title: Large numbers
    output: area.py
    inputFile: large.in        # lies in checks/
    expectFile: large.out
    compare: tokens
    hidden: true               # never leaves /staff
  - title: A function
    code: area.py
    mustDefine: [area]
    mustNotImport: [math]
rubric:
  - title: Names say what they mean
    points: 2
`;
}

const task = `# The area of a rectangle

Write a program \`area.py\` that asks for the width and the height of a rectangle
and prints its area:

    Width: 3
    Height: 4
    The area is 12

Compute it in a function \`area(width, height)\` that returns the area.
`;

const starter = `def area(width, height):
    # Compute the area here.
    return 0


width = input("Width: ")
height = input("Height: ")
`;

const solution = `def area(width, height):
    return width * height


width = int(input("Width: "))
height = int(input("Height: "))
print("The area is", area(width, height))
`;
