// The entry point of `tscompose`: the only file that touches process.argv and the exit status.
import { EXIT } from './exit-codes.ts'
import { runCli } from './program.ts'

// `logs | head`: who reads has gone. Without output there is nothing left to do, and a report of it would be noise; the
// status is that of a process that SIGPIPE has ended. What is said on standard error is beside the work, which goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.brokenPipe)
})
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

void runCli(process.argv.slice(2), {
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  env: process.env,
  cwd: process.cwd(),
}).then(status => {
  process.exitCode = status
})
