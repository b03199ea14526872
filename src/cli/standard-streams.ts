import type { Streams } from './command.ts'
import { EXIT } from './exit-codes.ts'

/**
 * The process's own streams, each made when it is first used: that takes a while, and few commands use all three. Who
 * reads our output may go (`logs | head`): without standard output there is nothing left to do, and the process ends as
 * SIGPIPE would end it; what is said on standard error stands beside the work, which goes on.
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
        unlessBroken(() => process.exit(EXIT.brokenPipe)),
      )
      return stdout
    },
    get stderr() {
      stderr ??= process.stderr.on(
        'error',
        unlessBroken(() => undefined),
      )
      return stderr
    },
  }
}

function unlessBroken(whenBroken: () => void): (error: NodeJS.ErrnoException) => void {
  return error => {
    if (error.code !== 'EPIPE') throw error
    whenBroken()
  }
}
