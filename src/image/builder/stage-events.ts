import type { BuildEvent } from './event.ts'

/** Text of a stage that waits for its turn; a command that says more must not fill the memory. */
const MOST_WAITING = 4 * 1024 * 1024

interface Voice {
  readonly waiting: BuildEvent[]
  characters: number
  leftOut: number
  ended: boolean
}

/**
 * Stages build side by side, but tell of it one after the other, in the order of the file: the first that has not ended
 * speaks as it goes, what the others say waits for their turn.
 */
export class StageEvents {
  readonly #emit: (event: BuildEvent) => void
  readonly #voices: readonly Voice[]
  #turn = 0

  constructor(stages: number, emit: (event: BuildEvent) => void) {
    this.#emit = emit
    this.#voices = Array.from({ length: stages }, () => ({
      waiting: [],
      characters: 0,
      leftOut: 0,
      ended: false,
    }))
  }

  /** Takes an event of the stage at a position. */
  tell(position: number, event: BuildEvent): void {
    const voice = this.#voices[position]
    if (voice === undefined || position === this.#turn) {
      this.#emit(event)
      return
    }
    const length = event.type === 'output' ? event.text.length : 0
    if (voice.characters + length > MOST_WAITING) {
      voice.leftOut += length
      return
    }
    voice.characters += length
    voice.waiting.push(event)
  }

  /** The stage at a position has no more to say. */
  end(position: number): void {
    const voice = this.#voices[position]
    if (voice !== undefined) voice.ended = true
    while (this.#voices[this.#turn]?.ended === true) {
      this.#turn += 1
      this.#flush(this.#turn)
    }
  }

  /** Tells all that waits, of the stage that failed last: its words stand before the failure then. */
  fail(position: number): void {
    for (const [other] of this.#voices.entries()) if (other !== position) this.#flush(other)
    this.#flush(position)
  }

  #flush(position: number): void {
    const voice = this.#voices[position]
    if (voice === undefined) return
    for (const event of voice.waiting.splice(0)) this.#emit(event)
    if (voice.leftOut > 0)
      this.#emit({ type: 'output', stream: 'stdout', text: `[${voice.leftOut} characters are left out]\n` })
    voice.leftOut = 0
    voice.characters = 0
  }
}
