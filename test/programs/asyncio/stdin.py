import asyncio
import sys


async def main():
    loop = asyncio.get_running_loop()
    got = loop.create_future()
    loop.add_reader(sys.stdin.fileno(), lambda: got.set_result(sys.stdin.readline()))
    print("ready", flush=True)
    print(repr(await got))


asyncio.run(main())
