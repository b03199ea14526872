// The entry point of `tscompose`: what the process was given goes in as values, and a status comes out. No command reads
// process.argv, and none ends the process.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { EXIT } from './exit-codes.ts'
import { runCli } from './program.ts'
import { ownSignals } from './signals.ts'
import { ownStreams, standardStreams } from './standard-streams.ts'

// A signal that the command itself does not take ends it, with the status that Docker's tools have for both.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(EXIT.interrupted)
  })

void runCli(process.argv.slice(2), {
  streams: standardStreams(ownStreams),
  env: process.env,
  cwd: process.cwd(),
  calledAs: basename(process.argv[1] ?? ''),
  signals: ownSignals,
  pid: process.pid,
  readInput: () => readFileSync(0, 'utf8'),
}).then(status => {
  process.exitCode = status
})
