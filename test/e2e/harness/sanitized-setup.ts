import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { eventually } from './eventually.ts'
import setup from './setup.ts'

const BINARY = 'native/build/tscompose-native-sanitize'
/** Where native/Makefile says that sanitizers report, one file a process. */
const REPORTS = `/var/tmp/tscompose-sanitizers${resolve('native/build').replaceAll('/', '-')}`

/**
 * Builds the native program with sanitizers, for the tests of this project. What one of them finds in a process whose end
 * no test looks at fails the run when all tests are over. A container's own process has no file to report to: its start
 * fails.
 */
export default function sanitizedSetup(): () => Promise<void> {
  const end = setup()
  execFileSync('make', ['-s', '-j2', '-C', 'native', 'sanitize'], { stdio: 'inherit' })
  rmSync(REPORTS, { recursive: true, force: true })
  mkdirSync(REPORTS)
  chmodSync(REPORTS, 0o1777)
  return async () => {
    await end()
    await ended()
    const found = readdirSync(REPORTS).map(name => readFileSync(join(REPORTS, name), 'utf8'))
    rmSync(REPORTS, { recursive: true })
    if (found.length === 0) return
    process.exitCode = 1 // vitest tells of what fails here, and does not fail
    throw new Error(`sanitizers found something:\n${found.join('\n')}`)
  }
}

/** A monitor lives a moment longer than its container, and may report then. */
async function ended(): Promise<void> {
  await eventually(
    'no process of the native program is left',
    () => !readdirSync('/proc').some(runsSanitized),
    10_000,
  )
}

/** Whether a process runs from a copy of our build; the one that is beside it may be somebody else's. */
function runsSanitized(pid: string): boolean {
  if (!/^\d+$/.test(pid)) return false
  try {
    const file = `/proc/${pid}/exe`
    return statSync(file).size === statSync(BINARY).size && readFileSync(file).equals(readFileSync(BINARY))
  } catch {
    return false // a kernel thread, or one that has ended
  }
}
