import { runCli } from './program.ts'
import { ownSignals } from './signals.ts'

/** What one command line wrote, and its exit status. */
export interface CliResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs one command line in this process, in a folder and with an environment of the test's own. */
export async function runInProcess(
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  calledAs = 'tscompose',
): Promise<CliResult> {
  const written = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof written): NodeJS.WriteStream =>
    ({
      isTTY: false,
      write: (text: string) => {
        written[name] += text
        return true
      },
    }) as unknown as NodeJS.WriteStream
  const status = await runCli(argv, {
    streams: { stdin: process.stdin, stdout: stream('stdout'), stderr: stream('stderr') },
    env,
    cwd,
    calledAs,
    signals: ownSignals,
    pid: process.pid,
    readInput: () => '',
  })
  return { status, ...written }
}
