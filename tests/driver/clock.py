"""The clock of a scenario's world: the page that vclock.c reads, written by the driver alone."""
import mmap
import os
import struct
import time

PAGE = "/run/vclock"
# struct page of vclock.c: seq, pace (permille), real_ns, virtual_ns, born_ns, inode_base
LAYOUT = struct.Struct("<IIqqqQ")
NS = 1_000_000_000


class Clock:
    """Virtual time runs on at a set pace; jump() moves it ahead, never back."""

    def __init__(self, page=PAGE):
        self.map = mmap.mmap(os.open(page, os.O_RDWR), LAYOUT.size)
        self.seq = LAYOUT.unpack_from(self.map)[0]

    @staticmethod
    def create(start_s, pace, inode_base=0, page=PAGE):
        with open(page, "wb") as file:
            os.fchmod(file.fileno(), 0o666)
            file.write(LAYOUT.pack(0, int(pace * 1000), time.monotonic_ns(), int(start_s * NS), time.time_ns(),
                                   inode_base))
        return Clock(page)

    def now_ns(self):
        _, pace, real, virtual, _, _ = LAYOUT.unpack_from(self.map)
        return virtual + (time.monotonic_ns() - real) * pace // 1000

    def now(self):
        return self.now_ns() / NS

    def jump(self, to_s, pace=None):
        """@param to_s seconds since the epoch; a time that has passed is not gone back to"""
        _, old, _, _, born, _ = LAYOUT.unpack_from(self.map)
        virtual = max(self.now_ns(), int(to_s * NS))
        self.seq += 1
        struct.pack_into("<I", self.map, 0, self.seq)       # odd: readers wait
        struct.pack_into("<Iqqq", self.map, 4, int(pace * 1000) if pace else old, time.monotonic_ns(), virtual, born)
        self.seq += 1
        struct.pack_into("<I", self.map, 0, self.seq)
