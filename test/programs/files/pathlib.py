from pathlib import Path, PurePosixPath

base = Path("a/b")
base.mkdir(parents=True, exist_ok=True)
(base / "one.txt").write_text("1\n")
(base / "two.tar.gz").write_bytes(b"\x00\x01")
print(sorted(p.name for p in base.iterdir()), sorted(str(p) for p in Path().rglob("*.txt")), (base / "two.tar.gz").suffixes, base.parent, base.parts)
print((base / "one.txt").stat().st_size, base.is_dir(), Path("none").exists(), PurePosixPath("/a/b/../c").name, Path("x").with_suffix(".y"))
(base / "one.txt").rename("moved.txt")
print(Path("moved.txt").read_text(), Path("moved.txt").resolve().name, (base / "two.tar.gz").stem)
Path("link").symlink_to("moved.txt")
print(Path("link").is_symlink(), Path("link").read_text())
base.rmdir()
