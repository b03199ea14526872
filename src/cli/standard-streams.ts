import { writeSync } from 'node:fs'
import { errnoOf, failure, messageOf } from '../diagnostics/index.ts'
import type { Streams } from './command.ts'
import { EXIT } from './exit-codes.ts'

/** Where standard streams come from, each asked for once; `tell` writes to standard error right before the process ends. */
export interface StreamSource {
  readonly stdin: () => NodeJS.ReadStream
  readonly stdout: () => NodeJS.WriteStream
  readonly stderr: () => NodeJS.WriteStream
  readonly tell: (text: string) => void
}

/** The process's own streams. */
export const ownStreams: StreamSource = {
  stdin: () => process.stdin,
  stdout: () => process.stdout,
  stderr: () => process.stderr,
  tell: text => void writeSync(2, text),
}

/**
 * Streams for a command, each made when it is first used: that takes a while, and few commands use all three. Who
 * reads our output may go (`logs | head`), or the disk be full that it is written to: without standard output there is nothing left
 * to do, and the process ends, as SIGPIPE would end it or with OUTPUT_LOST; what is said on standard error stands beside the work, which goes on.
 */
export function standardStreams(source: StreamSource): Streams {
  let stdout: NodeJS.WriteStream | undefined
  let stderr: NodeJS.WriteStream | undefined
  return {
    get stdin() {
      return source.stdin()
    },
    get stdout() {
      stdout ??= source.stdout().on(
        'error',
        ifLost(
          () => process.exit(EXIT.brokenPipe),
          error => {
            tellLoss(error, source)
            process.exit(EXIT.failure)
          },
        ),
      )
      return stdout
    },
    get stderr() {
      stderr ??= source.stderr().on(
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
function tellLoss(error: Error, { tell }: StreamSource): void {
  const { message } = failure({
    code: 'OUTPUT_LOST',
    summary: `standard output takes no more: ${messageOf(error)}`,
  })
  try {
    tell(`error OUTPUT_LOST ${message}\n`)
  } catch (notTold) {
    // Standard error is lost, too: the exit status alone can tell.
    if (errnoOf(notTold) === undefined) throw notTold
  }
}
