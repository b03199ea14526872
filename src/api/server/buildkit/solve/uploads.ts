import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { failure } from '../../../../diagnostics/index.ts'

/** Milliseconds that the two requests wait for each other. */
const PATIENCE = 30_000

/** An archive that one request brings and a build by another reads. */
interface Meeting {
  readonly archive: Promise<Readable>
  readonly bring: (archive: Readable) => void
  readonly taken: Promise<void>
  readonly take: () => void
}

/**
 * Contexts that come by a request of their own, as `docker build -` of the releases before buildx sends them: it names the build, and
 * either request may be the first.
 */
export class Uploads {
  readonly #meetings = new Map<string, Meeting>()

  /** Gives an archive to the build of that id; resolves when the build has read it, or has ended. Raises UPLOAD_MISSING. */
  async bring(id: string, archive: Readable): Promise<void> {
    const { bring, taken } = this.#at(id)
    bring(archive)
    await this.#within(id, taken)
    await finished(archive, { writable: false }).catch(() => undefined)
  }

  /** The archive for the build of that id. Raises UPLOAD_MISSING. */
  async take(id: string): Promise<Readable> {
    const { archive, take } = this.#at(id)
    const found = await this.#within(id, archive)
    take()
    return found
  }

  #at(id: string): Meeting {
    const known = this.#meetings.get(id)
    if (known !== undefined) return known
    const [archive, bring] = settled<Readable>()
    const [taken, take] = settled<void>()
    const meeting = { archive, bring, taken, take }
    this.#meetings.set(id, meeting)
    return meeting
  }

  /** Whoever has met the other, or has waited long enough, is the last. */
  async #within<T>(id: string, awaited: Promise<T>): Promise<T> {
    const [late, tooLate] = settled<undefined>()
    const timer = setTimeout(tooLate, PATIENCE, undefined)
    try {
      const found = await Promise.race([awaited.then(value => ({ value })), late])
      if (found !== undefined) return found.value
      throw failure({
        code: 'UPLOAD_MISSING',
        kind: 'unavailable',
        summary: `the context of the build ${id} did not come, or nobody wanted it`,
      })
    } finally {
      clearTimeout(timer)
      this.#meetings.delete(id)
    }
  }
}

function settled<T>(): [Promise<T>, (value: T) => void] {
  let settle: (value: T) => void = () => undefined
  const promise = new Promise<T>(resolve => {
    settle = resolve
  })
  return [promise, settle]
}
