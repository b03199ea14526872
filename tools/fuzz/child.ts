import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** How one text ended. */
export interface Outcome {
  readonly kind: 'fine' | 'threw' | 'hung' | 'died'
  readonly detail: string
}

const MEMORY_MEGABYTES = 512
/** Seconds of processor time, so that a busy machine hangs nothing. */
const TIME_LIMIT = 10

/** The loader in a process of its own with a cap on memory and time; after a crash the next text gets a new one. */
export class LoaderChild {
  #child: ChildProcess | undefined

  async run(text: string): Promise<Outcome> {
    if (this.#child === undefined) {
      this.#child = this.#start()
      // The time limit is the loader's: it starts when the child is ready.
      await once(this.#child, 'message')
    }
    const child = this.#child
    return new Promise(resolve => {
      const end = (outcome: Outcome): void => {
        clearInterval(timer)
        child.off('message', answered)
        child.off('exit', died)
        if (outcome.kind === 'hung' || outcome.kind === 'died') this.stop()
        resolve(outcome)
      }
      const answered = ({ thrown }: { thrown?: string }): void =>
        end(thrown === undefined ? { kind: 'fine', detail: '' } : { kind: 'threw', detail: thrown })
      const died = (code: number | null, signal: string | null): void =>
        end({ kind: 'died', detail: `the process ended with ${signal ?? code}` })
      const start = processorTime(child)
      const timer = setInterval(() => {
        if (processorTime(child) - start > TIME_LIMIT)
          end({ kind: 'hung', detail: `no answer in ${TIME_LIMIT} s of processor time` })
      }, 1000)
      child.on('message', answered)
      child.on('exit', died)
      child.send(text)
    })
  }

  stop(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  #start(): ChildProcess {
    return fork(fileURLToPath(new URL('loader.ts', import.meta.url)), {
      execArgv: ['--import', 'tsx', `--max-old-space-size=${MEMORY_MEGABYTES}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
  }
}

function processorTime({ pid }: ChildProcess): number {
  try {
    // After the name in parentheses: state is the first field, user and system time are the twelfth and thirteenth.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch (error) {
    // The process has just ended; that is reported by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return 0
  }
}
