// The song as it sounds, made in the page out of its notes: no sound comes from anywhere else.
import type { Schemas } from '@/api/client'

type Note = Schemas['RollNote']
const AHEAD = 0.25
const TICK = 80

export interface Player {
  play(from: number): Promise<void>
  pause(): number
  position(): number
  close(): void
}

/** Plays `notes`; `ended` is called when the last has sounded. Nothing sounds before `play`. */
export function playerOf(notes: Note[], seconds: number, ended: () => void): Player {
  const sorted = [...notes].sort((a, b) => a.seconds - b.seconds)
  let context: AudioContext | null = null
  let out: GainNode | null = null
  let noise: AudioBuffer | null = null
  // The place is told by the computer's clock, so that it is shown also where nothing can sound.
  let began = 0
  let opened = 0
  let at = 0
  let next = 0
  let timer = 0

  function schedule(): void {
    if (!context) return
    const now = performance.now() / 1000 - began
    while (next < sorted.length && sorted[next]!.seconds < now + AHEAD) {
      const note = sorted[next++]!
      sound(note, Math.max(context.currentTime, opened + note.seconds))
    }
    if (now > seconds + 0.5) {
      stop()
      at = 0
      ended()
    }
  }

  function sound(note: Note, when: number): void {
    if (!context || !out) return
    const gain = context.createGain()
    gain.connect(out)
    const strength = (note.velocity / 127) ** 1.4
    if (note.part === 'drums') drum(note, when, gain, strength)
    else tone(note, when, gain, strength)
  }

  /** A struck string: a few partials, the higher ones gone sooner. */
  function tone(note: Note, when: number, gain: GainNode, strength: number): void {
    if (!context) return
    const bass = note.part === 'bass'
    const pitch = 440 * 2 ** ((note.midi - 69) / 12)
    const length = Math.max(0.08, note.length)
    const filter = context.createBiquadFilter()
    filter.type = 'lowpass'
    filter.frequency.setValueAtTime(Math.min(9000, pitch * (bass ? 5 : 9)), when)
    filter.frequency.exponentialRampToValueAtTime(Math.max(200, pitch * 2), when + length + 0.2)
    filter.connect(gain)
    const level = (bass ? 0.34 : 0.16) * strength
    gain.gain.setValueAtTime(0, when)
    gain.gain.linearRampToValueAtTime(level, when + 0.006)
    gain.gain.exponentialRampToValueAtTime(level * 0.35, when + Math.min(0.9, length))
    gain.gain.setTargetAtTime(0, when + length, 0.07)
    const partials: [number, number][] = bass ? [[1, 1], [2, 0.35]] : [[1, 1], [2.001, 0.4], [3.003, 0.16], [4.01, 0.07]]
    for (const [times, share] of partials) {
      const oscillator = context.createOscillator()
      const level = context.createGain()
      level.gain.value = share
      oscillator.type = bass ? 'triangle' : 'sine'
      oscillator.frequency.value = pitch * times
      oscillator.connect(level).connect(filter)
      oscillator.start(when)
      oscillator.stop(when + length + 0.5)
    }
  }

  /** By the numbers of General MIDI: low ones are drums with a skin, high ones metal. */
  function drum(note: Note, when: number, gain: GainNode, strength: number): void {
    if (!context || !noise) return
    const kick = note.midi <= 36
    const metal = note.midi === 42 || note.midi === 44 || note.midi >= 46
    const length = kick ? 0.22 : metal ? (note.midi === 42 || note.midi === 44 ? 0.06 : 0.4) : 0.14
    gain.gain.setValueAtTime((kick ? 0.5 : metal ? 0.1 : 0.22) * strength, when)
    gain.gain.exponentialRampToValueAtTime(0.001, when + length)
    if (kick) {
      const oscillator = context.createOscillator()
      oscillator.frequency.setValueAtTime(120, when)
      oscillator.frequency.exponentialRampToValueAtTime(42, when + 0.12)
      oscillator.connect(gain)
      oscillator.start(when)
      oscillator.stop(when + length)
      return
    }
    const source = context.createBufferSource()
    source.buffer = noise
    const filter = context.createBiquadFilter()
    filter.type = metal ? 'highpass' : 'bandpass'
    filter.frequency.value = metal ? 7000 : 1800
    source.connect(filter).connect(gain)
    source.start(when)
    source.stop(when + length)
  }

  function open(): AudioContext {
    if (context) return context
    context = new AudioContext()
    noise = context.createBuffer(1, context.sampleRate, context.sampleRate)
    const samples = noise.getChannelData(0)
    for (let n = 0; n < samples.length; n++) samples[n] = Math.random() * 2 - 1
    return context
  }

  function stop(): void {
    window.clearInterval(timer)
    timer = 0
    out?.disconnect()
    out = null
  }

  const position = () => (timer ? Math.max(0, performance.now() / 1000 - began) : at)
  return {
    async play(from) {
      stop()
      const here = open()
      // Without a device for sound, this may never be answered.
      await Promise.race([here.resume(), new Promise((resolve) => setTimeout(resolve, 300))])
      const limiter = here.createDynamicsCompressor()
      out = here.createGain()
      out.gain.value = 0.9
      out.connect(limiter).connect(here.destination)
      opened = here.currentTime - from + 0.06
      began = performance.now() / 1000 - from + 0.06
      next = sorted.findIndex((note) => note.seconds >= from - 0.01)
      if (next < 0) next = sorted.length
      timer = window.setInterval(schedule, TICK)
      schedule()
    },
    pause() {
      at = position()
      stop()
      return at
    },
    position,
    close() {
      stop()
      void context?.close()
      context = null
    },
  }
}
