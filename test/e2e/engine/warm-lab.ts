import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { Sandbox } from '../harness/sandbox.ts'

// Commands that an engine runs for the launcher, and the same as processes of their own. Where there is no `node` to be found, only the
// engine can have run them.
export const BIN: string = resolve('bin/tscompose')
const NO_NODE = '/nonexistent'

export interface Outcome {
  readonly status: number | string
  readonly stdout: string
  readonly stderr: string
}

export interface Given {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string | Buffer
  /** Called with each piece of its output that comes after it has written `ready`. */
  readonly onStart?: (child: ChildProcess, stdout: string) => void
}

/** What is typed when the screen has shown `after`: keys, or something else that is done. */
export type Typed = readonly [after: string, keys: string | ((shown: string) => void)]

/** How commands are run in both ways. */
export interface WarmLab {
  /** Variables of a command that only the host can run. */
  warmly(): Record<string, string>
  coldly(): Record<string, string>
  run(file: string, words: readonly string[], env: Record<string, string>, given?: Given): Promise<Outcome>
  warm(words: readonly string[], given?: Given): Promise<Outcome>
  cold(words: readonly string[], given?: Given): Promise<Outcome>
  /** A line of the shell, in which "$t" is the command. */
  inShell(line: string, env: Record<string, string>): Promise<Outcome>
  /** On a terminal of 61 columns, whose name is shown first. */
  onTerminal(words: readonly string[], env: Record<string, string>, typed?: readonly Typed[]): Promise<string>
}

/** Runs commands in the folder of a sandbox, which may be made later. */
export function warmLab(sandbox: () => Sandbox): WarmLab {
  const lab: WarmLab = {
    // Also where the tests are run with a process for each command.
    warmly: () => ({ ...sandbox().env, PATH: NO_NODE, TSCOMPOSE_COLD: '' }),
    coldly: () => ({ ...sandbox().env, TSCOMPOSE_COLD: '1' }),
    run: (file, words, env, given = {}) => run(sandbox().folder, file, words, { env, given }),
    warm: (words, given) => lab.run(BIN, words, lab.warmly(), given),
    cold: (words, given) => lab.run(BIN, words, lab.coldly(), given),
    inShell: (line, env) => lab.run('/bin/sh', ['-c', `t=${BIN}; ${line}`], env),
    onTerminal: (words, env, typed = []) => onTerminal(sandbox().folder, words, env, typed),
  }
  return lab
}

function run(
  folder: string,
  file: string,
  words: readonly string[],
  { env, given }: { readonly env: Record<string, string>; readonly given: Given },
): Promise<Outcome> {
  const child = spawn(file, words, {
    cwd: resolve(folder, given.cwd ?? '.'),
    env: { ...env, ...given.env },
  })
  const written = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (bytes: Buffer) => {
      written[name].push(bytes)
      const stdout = Buffer.concat(written.stdout)
      if (given.onStart && stdout.includes('ready')) given.onStart(child, stdout.toString('latin1'))
    })
  child.stdin.on('error', () => undefined)
  child.stdin.end(given.input ?? '')
  return new Promise(settle =>
    child.on('close', (code, signal) =>
      settle({
        status: code ?? signal ?? '',
        stdout: Buffer.concat(written.stdout).toString('latin1'),
        stderr: Buffer.concat(written.stderr).toString('latin1'),
      }),
    ),
  )
}

async function onTerminal(
  folder: string,
  words: readonly string[],
  env: Record<string, string>,
  typed: readonly Typed[],
): Promise<string> {
  const quoted = words.map(word => `'${word}'`).join(' ')
  const line = `/usr/bin/tty; /usr/bin/stty cols 61 rows 17; ${BIN} ${quoted}; echo "ended with $?"; /usr/bin/stty -a | /usr/bin/tr ' ' '\\n' | /bin/grep -e icanon -e 'echo;' -e echo$`
  const child = spawn('/usr/bin/script', ['-qec', line, '/dev/null'], {
    cwd: folder,
    env: { ...env, SHELL: '/bin/sh', TERM: 'xterm' },
  })
  let shown = ''
  const waiting = [...typed]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    const [next] = waiting
    if (next === undefined || !shown.includes(next[0])) return
    waiting.shift()
    if (typeof next[1] === 'string') child.stdin.write(next[1])
    else next[1](shown)
  })
  await new Promise(settle => child.on('close', settle))
  return shown.replace(/^\/dev\/pts\/\d+\s+/, '')
}
