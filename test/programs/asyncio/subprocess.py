import asyncio


async def main():
    process = await asyncio.create_subprocess_exec("sh", "-c", "read x; echo got $x; exit 2", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    print(await process.communicate(b"word\n"), process.returncode)
    loop = asyncio.get_running_loop()
    print(type(loop).__name__, loop.is_running())


asyncio.run(main())
