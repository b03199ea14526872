import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { diskFull, errnoOf, failure, tellsOfFullDisk } from '../../diagnostics/index.ts'
import { started } from '../../linux/started.ts'

/** A system to make. */
export interface MmdebstrapRequest {
  readonly suite: string
  /** An empty folder. */
  readonly target: string
  /** Lines of sources.list; the tool's own choice when absent. */
  readonly sources: readonly string[] | undefined
  readonly aptOptions: readonly string[]
  readonly onLine: (line: string) => void
  readonly signal: AbortSignal
}

const KEPT_LINES = 20

/**
 * Makes a minimal system of a suite. It runs in a pid and mount namespace of its own that ends with this process:
 * neither its processes nor its mounts of /proc and /dev can outlive it, whoever is killed.
 */
export async function mmdebstrap(request: MmdebstrapRequest): Promise<void> {
  const last: string[] = []
  const onLine = (line: string): void => {
    last.push(line)
    if (last.length > KEPT_LINES) last.shift()
    request.onLine(line)
  }
  const code = await runCommand(commandOf(request), onLine, request.signal)
  request.signal.throwIfAborted()
  if (code !== 0) throw explain(request.suite, last)
}

/** The command line: setpriv and unshare tie its life to ours. */
export function commandOf({ suite, target, sources, aptOptions }: MmdebstrapRequest): readonly string[] {
  return [
    'setpriv',
    '--pdeathsig',
    'KILL',
    'unshare',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount',
    '--mount-proc',
    'mmdebstrap',
    '--variant=minbase',
    '--mode=root',
    '--format=directory',
    // Translations would be fetched only to be thrown away; nothing needs to last before the layer is committed.
    '--aptopt=Acquire::Languages "none"',
    ...aptOptions.map(option => `--aptopt=${option.replace(/;$/, '')}`),
    '--dpkgopt=force-unsafe-io',
    suite,
    target,
    ...(sources ?? []),
  ]
}

function runCommand(
  command: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<number | null> {
  const [name = '', ...args] = command
  const child = started(
    spawn(name, args, {
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C',
        HOME: '/root',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  )
  createInterface({ input: child.stderr }).on('line', onLine)
  // Killing unshare ends the namespace's first process, and with it all of them.
  const onAbort = (): void => {
    child.kill('SIGKILL')
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return new Promise<number | null>((resolve, reject) => {
    child.once('error', error =>
      reject(errnoOf(error) === 'ENOENT' ? toolMissing('util-linux', error) : error),
    )
    child.once('close', resolve)
  }).finally(() => signal.removeEventListener('abort', onAbort))
}

function explain(suite: string, lines: readonly string[]): Error {
  const text = lines.join('\n')
  if (/failed to execute mmdebstrap/.test(text)) return toolMissing('mmdebstrap')
  if (tellsOfFullDisk(text))
    return diskFull(
      `making "${suite}" from its package archive failed: no space left on device`,
      undefined,
      text,
    )
  const keys = /NO_PUBKEY|not signed|keyring/.test(text)
  return failure({
    code: 'ARCHIVE_FAILED',
    kind: 'unavailable',
    summary: `making "${suite}" from its package archive failed`,
    detail: text,
    ...(keys
      ? { hint: 'install the keyring of the distribution: debian-archive-keyring or ubuntu-keyring' }
      : {}),
  })
}

function toolMissing(tool: string, cause?: unknown): Error {
  return failure({
    code: 'TOOL_MISSING',
    kind: 'unavailable',
    summary: `${tool} is not installed, and images of a distribution's archive need it`,
    hint: `apt-get install ${tool}`,
    cause,
  })
}
