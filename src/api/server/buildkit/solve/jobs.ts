import type { Solved } from '../../../backend/solves.ts'
import { StatusFailure } from '../grpc/error.ts'
import { Job, type SolveTerms } from './job.ts'

const NOT_FOUND = 5
const UNKNOWN = 2
/** Milliseconds that a call waits for its job, whose own call may be on another stream. */
const PATIENCE = 6000

/** The builds that run. */
export class Jobs {
  readonly #running = new Map<string, Job>()
  readonly #waiting = new Set<(job: Job) => void>()

  get running(): readonly Job[] {
    return [...this.#running.values()]
  }

  open(terms: SolveTerms): Job {
    if (this.#running.has(terms.Ref))
      throw new StatusFailure({ code: UNKNOWN, message: `job ID exists: ${terms.Ref}` })
    const job = new Job(terms)
    this.#running.set(terms.Ref, job)
    for (const tell of [...this.#waiting]) tell(job)
    return job
  }

  async close(job: Job): Promise<void> {
    try {
      await job.end()
    } finally {
      this.#running.delete(job.terms.Ref)
    }
  }

  /** The job of a reference, which may be about to be opened. */
  find(ref: string, signal: AbortSignal): Promise<Job> {
    const found = this.#running.get(ref)
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer)
        this.#waiting.delete(tell)
        signal.removeEventListener('abort', abort)
        end()
      }
      const tell = (job: Job): void => {
        if (job.terms.Ref === ref) settle(() => resolve(job))
      }
      const abort = (): void => settle(() => reject(signal.reason))
      const timer = setTimeout(() => settle(() => reject(noJob(ref))), PATIENCE)
      this.#waiting.add(tell)
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  /** What some build that runs has made. */
  solved(id: string): Solved | undefined {
    for (const job of this.#running.values()) {
      const found = job.solved.get(id)
      if (found !== undefined) return found
    }
    return undefined
  }
}

function noJob(ref: string): StatusFailure {
  return new StatusFailure({ code: NOT_FOUND, message: `no such job ${ref}` })
}
