import sqlite3
c = sqlite3.connect("out")
c.execute("create table t(a)")
c.execute("insert into t values(1)")
c.commit()
c.execute("insert into t values(2)")
