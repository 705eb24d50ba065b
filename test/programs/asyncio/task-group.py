import asyncio


async def fail(error):
    raise error


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(ValueError("one")))
            group.create_task(asyncio.sleep(100))
    except* ValueError as errors:
        print(errors.exceptions)
    async with asyncio.timeout(100):
        print("in time")


asyncio.run(main())
