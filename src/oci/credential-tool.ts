import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { errnoOf, type Failure, failure } from '../diagnostics/index.ts'

/** The name that says of a secret that it is a token. */
export const TOKEN_USER = '<token>'
/** What tools say of a registry that they do not know, on whichever stream; all share one library. */
const UNKNOWN = /credentials not found/i
/** A keychain may ask its owner for a password; what takes longer than this waits for somebody who is not there. */
const PATIENCE_MS = 60_000
const MAX_WORDS = 300
const MAX_OUTPUT = 1024 * 1024

/** What a tool is asked, and for how long. */
export interface ToolCall {
  readonly verb: 'get' | 'store' | 'erase'
  /** Goes to its standard input alone. */
  readonly input: string
  readonly signal?: AbortSignal
  readonly patience?: number
}

/** What a tool has: a name with a password, or a token. */
interface ToolCredentials {
  readonly serveraddress: string
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
}

/**
 * The credentials that `docker-credential-<tool>` has for a registry; undefined when it knows none. Raises CREDENTIAL_TOOL_MISSING,
 * CREDENTIAL_TOOL_SILENT, CREDENTIAL_TOOL_FAILED.
 */
export async function askTool(
  tool: string,
  registry: string,
  options: Pick<ToolCall, 'signal' | 'patience'> = {},
): Promise<ToolCredentials | undefined> {
  const { isOk, output } = await runTool(tool, { verb: 'get', input: registry, ...options })
  if (!isOk && UNKNOWN.test(output)) return undefined
  if (!isOk) throw toolFailed(tool, output)
  const { Username, Secret } = answerOf(tool, output)
  // This name says that the secret is a token and no password.
  if (Username === TOKEN_USER) return { serveraddress: registry, identitytoken: Secret }
  return { serveraddress: registry, username: Username, password: Secret }
}

/** The answer may hold a secret: nothing of it is told. */
function answerOf(tool: string, output: string): { readonly Username: string; readonly Secret: string } {
  try {
    const { Username, Secret } = (JSON.parse(output) ?? {}) as { readonly [field: string]: unknown }
    if (typeof Username === 'string' && typeof Secret === 'string') return { Username, Secret }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw toolFailed(tool, 'its answer is no {"Username": …, "Secret": …}')
}

/**
 * What `docker-credential-<tool>` answers. `signal` ends it and all that it has started. Raises CREDENTIAL_TOOL_MISSING, and
 * CREDENTIAL_TOOL_SILENT where it answers nothing.
 */
export function runTool(
  tool: string,
  { verb, input, signal, patience = PATIENCE_MS }: ToolCall,
): Promise<{ readonly isOk: boolean; readonly output: string }> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    // A group of its own can be ended whole; where nobody ends it, it stays where the terminal's Ctrl-C reaches it.
    const child = spawn(`docker-credential-${tool}`, [verb], { detached: signal !== undefined })
    const printed = { stdout: '', stderr: '' }
    const finish = (settle: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      settle()
    }
    const giveUp = (settle: () => void): void => {
      endTool(child, signal !== undefined)
      finish(settle)
    }
    const onAbort = (): void => giveUp(() => reject(signal?.reason))
    const timer = setTimeout(() => giveUp(() => reject(toolSilent(tool, patience))), patience)
    signal?.addEventListener('abort', onAbort, { once: true })
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text
        if (printed[name].length > MAX_OUTPUT)
          giveUp(() => resolve({ isOk: false, output: printed[name].trim() }))
      })
    child.on('error', error => finish(() => reject(startFailure(tool, error))))
    child.on('close', code => {
      const { stdout, stderr } = printed
      finish(() => resolve({ isOk: code === 0, output: code === 0 ? stdout : stdout.trim() || stderr }))
    })
    // One that ends without reading has said what it had to say.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

function endTool(child: ChildProcessWithoutNullStreams, isGroup: boolean): void {
  try {
    if (isGroup && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch (error) {
    // It has ended, or is another user's.
    if (!['ESRCH', 'EPERM'].includes(errnoOf(error) ?? '')) throw error
  }
  // What has left its group may hold its pipes open for ever.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy()
}

function startFailure(tool: string, error: Error): Failure {
  return errnoOf(error) === 'ENOENT' ? toolMissing(tool, error) : toolFailed(tool, error.message)
}

function toolMissing(tool: string, cause: Error): Failure {
  return failure({
    kind: 'unavailable',
    code: 'CREDENTIAL_TOOL_MISSING',
    summary: `Docker's configuration wants "docker-credential-${tool}", which is not installed`,
    hint: 'install it, or remove it from ~/.docker/config.json',
    cause,
  })
}

function toolSilent(tool: string, patience: number): Failure {
  return failure({
    kind: 'unavailable',
    code: 'CREDENTIAL_TOOL_SILENT',
    summary: `"docker-credential-${tool}" has not answered for ${patience / 1000} s`,
    hint: 'it may be waiting for a password: run it by hand, or remove it from ~/.docker/config.json',
  })
}

/** CREDENTIAL_TOOL_FAILED with the tool's own words. */
export function toolFailed(tool: string, words: string): Failure {
  return failure({
    kind: 'unavailable',
    code: 'CREDENTIAL_TOOL_FAILED',
    summary: `"docker-credential-${tool}" fails`,
    detail: words.trim().slice(0, MAX_WORDS),
  })
}
