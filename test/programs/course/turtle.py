import turtle

pen = turtle.Turtle()
pen.forward(100)
turtle.done()
