// The entry point of `tscompose`: what the process was given goes in as values, and a status comes out. No command reads
// process.argv, and none ends the process.
import { basename } from 'node:path'
import { runCli } from './program.ts'
import { standardStreams } from './standard-streams.ts'

void runCli(process.argv.slice(2), {
  streams: standardStreams(),
  env: process.env,
  cwd: process.cwd(),
  calledAs: basename(process.argv[1] ?? ''),
}).then(status => {
  process.exitCode = status
})
