import asyncio


async def work(name, delay):
    print(name, "starts")
    await asyncio.sleep(delay)
    print(name, "ends")
    return name.upper()


async def main():
    print(await asyncio.gather(work("a", 0.02), work("b", 0.01)))
    task = asyncio.create_task(work("slow", 100))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
    try:
        await asyncio.wait_for(work("late", 100), 0.01)
    except asyncio.TimeoutError:
        print("timeout")
    queue = asyncio.Queue()
    asyncio.get_running_loop().call_soon(queue.put_nowait, 1)
    print(await queue.get(), await asyncio.to_thread(sum, [1, 2]))
    async for n in count(3):
        print(n)
    async with Manager() as value:
        print(value)
    raise RuntimeError("in main")


async def count(n):
    for i in range(n):
        yield i


class Manager:
    async def __aenter__(self):
        return "entered"

    async def __aexit__(self, *error):
        print("left")


asyncio.run(main())
