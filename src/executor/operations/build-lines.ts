/** What a line of `POST /build` says of a step; of other engines the text alone is known. */
export interface BuildLine {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  readonly tscompose?: { readonly milliseconds?: number }
}

const STEP = /^Step (\d+\/\d+) : (.*)$/
const MADE = /^ ---> [0-9a-f]{12}$/
/** What Docker's own builder tells of the containers in which it works. */
const CHATTER =
  /^ ---> Running in [0-9a-f]{12}$|^ ---> Removed intermediate container |^Removing intermediate container /
/** Instructions that do work: how long the others took is nothing to know. */
const WORKS = /^(?:RUN|COPY|ADD|FROM)\b/i
/** Less than this is told of no step but RUN. */
const NOTICEABLE = 100

/**
 * A build's messages as lines for people: `[2/5] RUN make`, what it prints, and at its end `[2/5] CACHED` or
 * `[2/5] DONE 1.2s`.
 */
export class BuildLines {
  readonly #statuses: Map<string, BuildLines>
  #step: { readonly number: string; readonly text: string; readonly begun: number } | undefined
  #cached = false

  /**
   * `statuses` is shared by builds side by side: those that wait for one image are told of it in the same words, and people need to
   * read them once.
   */
  constructor(statuses: Map<string, BuildLines> = new Map()) {
    this.#statuses = statuses
  }

  /** The lines of one message; none where it says nothing to people. */
  of({ stream, status, id, tscompose }: BuildLine): readonly string[] {
    if (stream === undefined)
      return status === undefined ? [] : this.#status([id, status].filter(Boolean).join(' '))
    return stream
      .split('\n')
      .flatMap(line => this.#line(line.trimEnd(), tscompose?.milliseconds))
      .filter(line => line.trim() !== '')
  }

  #status(text: string): readonly string[] {
    const first = this.#statuses.get(text) ?? this
    this.#statuses.set(text, first)
    return first === this ? [text] : []
  }

  #line(line: string, milliseconds: number | undefined): readonly string[] {
    const [, number, text] = STEP.exec(line) ?? []
    if (number !== undefined && text !== undefined) {
      this.#step = { number, text, begun: performance.now() }
      this.#cached = false
      return [`[${number}] ${text}`]
    }
    if (line === ' ---> Using cache') {
      this.#cached = true
      return []
    }
    if (MADE.test(line)) return this.#end(milliseconds)
    return CHATTER.test(line) ? [] : [line]
  }

  #end(known: number | undefined): readonly string[] {
    const step = this.#step
    if (step === undefined) return []
    if (this.#cached) return [`[${step.number}] CACHED`]
    const took = known ?? performance.now() - step.begun
    if (!WORKS.test(step.text) || (took < NOTICEABLE && !/^RUN\b/i.test(step.text))) return []
    return [`[${step.number}] DONE ${(took / 1000).toFixed(1)}s`]
  }
}
