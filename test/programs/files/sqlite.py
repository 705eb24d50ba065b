import sqlite3

connection = sqlite3.connect("school.db")
connection.execute("CREATE TABLE student (id INTEGER PRIMARY KEY, name TEXT NOT NULL, grade REAL)")
with connection:
    connection.executemany("INSERT INTO student (name, grade) VALUES (?, ?)", [("Ada", 1.0), ("Zoë", 2.3), ("Bo", None)])
connection.row_factory = sqlite3.Row
for row in connection.execute("SELECT name, avg(grade) OVER () AS mean FROM student ORDER BY name DESC"):
    print(tuple(row), row.keys())
try:
    with connection:
        connection.execute("INSERT INTO student (name) VALUES ('Rolled back')")
        connection.execute("INSERT INTO student (name) VALUES (NULL)")
except sqlite3.IntegrityError as error:
    print(error)
print(connection.execute("SELECT count(*) FROM student").fetchone()[0], connection.total_changes)
connection.execute("SELECT * FROM nothing")
