"""Renders MIDI to audio with FluidSynth and a sound font, where both are there."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Final, Literal

from scrivano.core.errors import Unavailable

AudioKind = Literal["wav", "ogg"]

_FOLDERS: Final = (
    Path("/usr/share/sounds/sf2"),
    Path("/usr/share/sounds/sf3"),
    Path("/usr/share/soundfonts"),
    Path("/usr/local/share/soundfonts"),
    Path("/opt/homebrew/share/soundfonts"),
)
# Free sound fonts of General MIDI, the better ones first.
_KNOWN: Final = (
    "MuseScore_General.sf3",
    "MuseScore_General.sf2",
    "FluidR3_GM.sf2",
    "FluidR3_GM2-2.sf2",
    "GeneralUser-GS.sf2",
    "TimGM6mb.sf2",
    "default-GM.sf2",
    "default-GM.sf3",
)
_LONGEST_SECONDS: Final = 120


def find_sound_font(folders: tuple[Path, ...] = ()) -> Path | None:
    """A sound font of General MIDI: any in `folders` (`.sf2`, `.sf3`), else a known one of the system."""
    for folder in folders:
        if folder.is_file():
            return folder
        if found := sorted(p for p in folder.glob("*.sf[23]") if p.is_file()):
            return found[0]
    return next((folder / name for name in _KNOWN for folder in _FOLDERS if (folder / name).is_file()), None)


def can_render(folders: tuple[Path, ...] = ()) -> bool:
    """Whether `render_audio` can work here."""
    return shutil.which("fluidsynth") is not None and find_sound_font(folders) is not None


async def render_audio(midi: bytes, kind: AudioKind = "wav", *, sound_fonts: tuple[Path, ...] = ()) -> bytes:
    """The piece as WAV (44.1 kHz, 16 bits, stereo) or Ogg Vorbis.

    Raises Unavailable if FluidSynth or a sound font is missing or it fails; it is stopped after two minutes.
    """
    program, font = shutil.which("fluidsynth"), find_sound_font(sound_fonts)
    if program is None or font is None:
        missing = "FluidSynth" if program is None else "a General MIDI sound font"
        raise Unavailable(
            f"Audio needs {missing}.",
            field="audio",
            remedy="Install fluidsynth and fluid-soundfont-gm (or another .sf2 or .sf3), or go without audio.",
        )
    with tempfile.TemporaryDirectory(prefix="scrivano-audio-") as folder:
        score, sound = Path(folder, "score.mid"), Path(folder, f"sound.{kind}")
        await asyncio.to_thread(score.write_bytes, midi)
        form = ["-T", "oga"] if kind == "ogg" else ["-T", "wav", "-O", "s16"]
        process = await asyncio.create_subprocess_exec(
            program, "-ni", "-q", "-g", "0.7", "-r", "44100", *form, "-F", str(sound), str(font), str(score),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                _, complaint = await process.communicate()
        except TimeoutError:
            raise Unavailable("FluidSynth did not finish in two minutes.", field="audio") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise Unavailable(
                f"FluidSynth failed: {complaint.decode(errors='replace').strip()[:200]}", field="audio"
            )
        return await asyncio.to_thread(sound.read_bytes)
