import os
import shutil

from kept import Kept

from cer.base.files import write_text


def test_a_folder_that_is_put_back_is_what_it_was_whatever_was_done_to_it(tmp_path):
    folder = tmp_path / "folder"
    for name in ("same", "changed", "gone", "folder", "below/deep/file", "mode", "linked", "link"):
        write_text(folder / name, f"{name}\n")
    (folder / "link").unlink()
    (folder / "link").symlink_to("same")
    (folder / "short").symlink_to("below/deep")

    def told():
        paths = sorted(folder.rglob("*"))
        return [(p, p.lstat().st_mode, p.lstat().st_mtime_ns, p.is_file() and p.read_bytes()) for p in paths]

    kept, before = Kept(folder, tmp_path / "copy"), told()
    assert kept.put_back() == [] and told() == before
    for _ in range(2):
        times = (folder / "changed").stat()
        (folder / "changed").write_text("CHANGED\n")
        os.utime(folder / "changed", ns=(times.st_atime_ns, times.st_mtime_ns))  # as if nothing had happened
        (folder / "gone").unlink()
        (folder / "folder").unlink()
        write_text(folder / "folder/new/file", "new\n")
        shutil.rmtree(folder / "below")
        (folder / "below").write_text("a file\n")
        os.mkfifo(folder / "pipe")
        (folder / "mode").chmod(0o600)
        (folder / "linked").unlink()
        (folder / "linked").symlink_to("same")
        for name in ("link", "short"):
            (folder / name).unlink()
            write_text(folder / name, "no link\n")
        write_text(folder / "extra/file", "new\n")
        touched = [str(name) for name in kept.put_back()]
        assert told() == before and "same" not in touched and {"changed", "below/deep/file", "extra"} <= {*touched}
