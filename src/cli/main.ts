// The entry point of `tscompose`: the only file that touches process.argv and the exit status.
import { runCli } from './program.ts'

void runCli(process.argv.slice(2), {
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  env: process.env,
  cwd: process.cwd(),
}).then(status => {
  process.exitCode = status
})
