"""Blues: shuffles in swung eighths, slow ones in triplets, fast ones over a walking bass."""

from typing import Final

from scrivano.music.arrange.styles.common import backbeat
from scrivano.music.arrange.styles.model import Groove, Style

_SHUFFLE: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x-x-x-x-", "x--x----"),
        3: ("x--x..x.|x--x....", "..x..x..|x--x..x.", "x-x-..xx"),
        4: ("x.xx..xx|.xx.x.x.", ".x.x..xx|x..x..x.", "xx.xx..x|-.x..xx."),
        5: ("xxxx.xxx|.xxxx.xx", "x.xxxxx-|xx.xx.xx", "12xx.xxx|-xxx12x."),
    },
    {
        1: ("x-------",),
        2: ("x---x---",),
        3: ("x.x.x.x.", "xxxxxxxx"),
        4: ("xxxxxxxx", ".x.x.x.x"),
        5: ("xxxxxxxx",),
    },
    ("r-3-5-7-", "r-r-5-5a", "r-3-5-8-|7-5-3-a-", "r.rr5.5a"),
    (
        "D xxxxxxxx / S ..X...X. / K x...x...",
        "H x.xxx.xx / S ..X...X. / K x...x..x",
        "H xxxxxxxx / S ..X...Xo / K x..xx...",
    ),
    push=240,
    velocity=(82, 74, 90, 80),
)
_SLOW_FOUR: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x---x-x-", "x-x-x---"),
        3: ("x--x..x-", "x-x-x-x-", "x--xx---"),
        4: ("x.xx..x-|.xx-x.x-", "x-xx..xx", "..x-x.xx"),
        5: ("12x-x.xx|xx.xx-12", "x-xxxxx-", "x.xx.xxx"),
    },
    {1: ("x-------",), 2: ("x---x---",), 4: ("x--xx---", "x-x-x-x-"), 5: ("x-xxx-xx",)},
    ("r---5-7-", "r--r5-a-", "r-3-5-a-"),
    ("D xxxxxxxx / R ..X...X. / K x...x...", "H xxxxxxxx / S ..X...X. / K x..xx..."),
    velocity=(74, 66, 84, 66),
)
_FAST: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x-x-x-x-", "x--x..x."),
        3: ("..x...x.|x--x....", "x..x..x.", ".x.x.x.x"),
        4: ("..x..xx.|x.xx..x.", ".x.xx.x.|xx.x.xx.", "x..x.xx-"),
        5: ("xx.xx.xx|.xxx.xxx", "x.xxx.xx|xx.xxx.x", ".xxx.xx-"),
    },
    {1: ("x-------",), 2: ("x---x---",), 3: ("x.x.x.x.", "x---x---"), 4: ("x.x.x.x.", "=")},
    "walk",
    ("D x.xxx.xx / S ..X...X. / K x...x...", "H xxxxxxxx / S ..X...X. / K x...x.x."),
    push=240,
    velocity=(86, 76, 92, 84),
)


def _style(four: Groove) -> Style:
    return Style({"4/4": four} | {m: backbeat(m, velocity=four.velocity) for m in ("3/4", "6/8", "12/8")})


BLUES: Final = {"shuffle": _style(_SHUFFLE), "slow": _style(_SLOW_FOUR), "fast": _style(_FAST)}
