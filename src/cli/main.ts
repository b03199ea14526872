// The entry point of `tscompose`: what the process was given goes in as values, and a status comes out. No command reads
// process.argv, and none ends the process.
import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import type { Left } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { runCli } from './program.ts'
import { ownSignals } from './signals.ts'
import { ownStreams, standardStreams } from './standard-streams.ts'

// A signal that the command itself does not take ends it, with the status that Docker's tools have for both.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(EXIT.interrupted)
  })

// Node would open its debugger to the machine for whoever sends this one, which ends every other program that does not take it.
process.on('SIGUSR1', () => {
  if (process.listenerCount('SIGUSR1') === 1) process.exit(EXIT.userSignal)
})

/** Set by the launcher alone: the numbers of bytes of standard output and error, of input (0: none), and the text that the lost command gave it. */
const LEFT = 'TSCOMPOSE_GO_ON'

/** Takes out of the environment what a command has left that was lost with its engine; nobody whom we start is to find it. */
function takeLeft(env: NodeJS.ProcessEnv): Left | undefined {
  const [, stdout, stderr, input, text] = /^(\d+) (\d+) (\d+) (.*)$/s.exec(env[LEFT] ?? '') ?? []
  delete env[LEFT]
  if (text === undefined) return undefined
  return { text, passed: { stdout: Number(stdout), stderr: Number(stderr) }, hadInput: Number(input) > 0 }
}

/** The working directory; one that was removed is named as the kernel names it, and whoever looks into it is told that nothing is there. */
function workingDirectory(): string {
  try {
    return process.cwd()
  } catch {
    return readlinkSync('/proc/self/cwd')
  }
}

const left = takeLeft(process.env)
void runCli(process.argv.slice(2), {
  streams: standardStreams(ownStreams),
  env: process.env,
  cwd: workingDirectory(),
  calledAs: basename(process.argv[1] ?? ''),
  signals: ownSignals,
  pid: process.pid,
  processBegin: () => performance.timeOrigin * 1e3,
  readInput: () => readFileSync(0, 'utf8'),
  ...(left === undefined ? {} : { left }),
}).then(status => {
  process.exitCode = status
})
