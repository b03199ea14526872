import { writeSync } from 'node:fs'
import { errnoOf, type Failure, failure, messageOf } from '../diagnostics/index.ts'
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
  let stdin: NodeJS.ReadStream | undefined
  let stdout: NodeJS.WriteStream | undefined
  let stderr: NodeJS.WriteStream | undefined
  return {
    get stdin() {
      stdin ??= hearing(source)
      return stdin
    },
    get stdout() {
      stdout ??= source.stdout().on(
        'error',
        ifLost(
          () => process.exit(EXIT.brokenPipe),
          error => {
            tellLoss(outputLost(error), source)
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

/** Standard input; one that cannot be read ends a command that does not say so itself, with INPUT_LOST. */
function hearing(source: StreamSource): NodeJS.ReadStream {
  const stdin = source.stdin()
  return stdin.on('error', (error: Error) => {
    if (stdin.listenerCount('error') > 1) return
    tellLoss(inputLost(error), source)
    process.exit(EXIT.failure)
  })
}

/** What to do when nobody reads any more, and when what reads takes no more: a full disk, a terminal that has gone. */
function ifLost(
  onBroken: () => void,
  onFull: (error: Error) => void,
): (error: NodeJS.ErrnoException) => void {
  return error => (error.code === 'EPIPE' ? onBroken() : onFull(error))
}

const outputLost = (error: Error): Failure =>
  failure({ code: 'OUTPUT_LOST', summary: `standard output takes no more: ${messageOf(error)}` })

const inputLost = (error: Error): Failure =>
  failure({ code: 'INPUT_LOST', summary: `standard input cannot be read: ${messageOf(error)}` })

/** The process ends right behind this, and a stream would not be through by then. */
function tellLoss({ diagnostics, message }: Failure, { tell }: StreamSource): void {
  try {
    tell(`error ${diagnostics[0]?.code} ${message}\n`)
  } catch (notTold) {
    // Standard error is lost, too: the exit status alone can tell.
    if (errnoOf(notTold) === undefined) throw notTold
  }
}
