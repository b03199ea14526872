import { spawnSync } from 'node:child_process'

/** One way to do a piece of work: a command line in a folder with an environment. */
export interface Subject {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** Runs a command to its end and returns its wall time in seconds. Throws when it fails, with what it said. */
export function time(subject: Subject): number {
  const [file = '', ...args] = subject.command
  const begin = process.hrtime.bigint()
  const result = spawnSync(file, args, {
    cwd: subject.cwd,
    env: subject.env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9
  if (result.error) throw result.error
  if (result.status !== 0)
    throw new Error(`${subject.command.join(' ')}: status ${result.status}\n${result.stdout}${result.stderr}`)
  return seconds
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
