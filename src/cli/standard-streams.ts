import { writeSync } from 'node:fs'
import { errnoOf, failure, messageOf } from '../diagnostics/index.ts'
import type { Streams } from './command.ts'
import { EXIT } from './exit-codes.ts'

/**
 * The process's own streams, each made when it is first used: that takes a while, and few commands use all three. Who
 * reads our output may go (`logs | head`), or the disk be full that it is written to: without standard output there is nothing left
 * to do, and the process ends, as SIGPIPE would end it or with OUTPUT_LOST; what is said on standard error stands beside the work, which goes on.
 */
export function standardStreams(): Streams {
  let stdout: NodeJS.WriteStream | undefined
  let stderr: NodeJS.WriteStream | undefined
  return {
    get stdin() {
      return process.stdin
    },
    get stdout() {
      stdout ??= process.stdout.on(
        'error',
        ifLost(
          () => process.exit(EXIT.brokenPipe),
          error => {
            tellLoss(error)
            process.exit(EXIT.failure)
          },
        ),
      )
      return stdout
    },
    get stderr() {
      stderr ??= process.stderr.on(
        'error',
        ifLost(
          () => undefined,
          () => undefined,
        ),
      )
      return stderr
    },
  }
}

/** What to do when nobody reads any more, and when what reads takes no more: a full disk, a terminal that has gone. */
function ifLost(
  onBroken: () => void,
  onFull: (error: Error) => void,
): (error: NodeJS.ErrnoException) => void {
  return error => (error.code === 'EPIPE' ? onBroken() : onFull(error))
}

/** The process ends right behind this, and a stream would not be through by then. */
function tellLoss(error: Error): void {
  const { message } = failure({
    code: 'OUTPUT_LOST',
    summary: `standard output takes no more: ${messageOf(error)}`,
  })
  try {
    writeSync(2, `error OUTPUT_LOST ${message}\n`)
  } catch (notTold) {
    // Standard error is lost, too: the exit status alone can tell.
    if (errnoOf(notTold) === undefined) throw notTold
  }
}
