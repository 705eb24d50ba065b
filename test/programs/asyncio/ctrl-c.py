import asyncio


async def main():
    try:
        print("waiting", flush=True)
        await asyncio.sleep(1000)
    finally:
        print("cleaned up")


try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
