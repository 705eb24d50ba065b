import asyncio


async def forgotten():
    pass


forgotten()
print("after")


async def main():
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    asyncio.create_task(asyncio.sleep(0, "x"))
    await asyncio.sleep(0.01)


asyncio.run(main())
