// The entry point of `tscompose`: the only file that touches process.argv and the exit status.
import { runCli } from './program.ts'
import { standardStreams } from './standard-streams.ts'

void runCli(process.argv.slice(2), {
  streams: standardStreams(),
  env: process.env,
  cwd: process.cwd(),
}).then(status => {
  process.exitCode = status
})
