import { execFile } from 'node:child_process'
import { type Failure, failure } from '../diagnostics/index.ts'

/** The name that says of a secret that it is a token. */
export const TOKEN_USER = '<token>'
/** What tools say of a registry that they do not know, on whichever stream; all share one library. */
const UNKNOWN = /credentials not found/i
/** A keychain may ask its owner for a password; what takes longer than this waits for somebody who is not there. */
const PATIENCE_MS = 60_000
const MAX_WORDS = 300

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

/** What `docker-credential-<tool>` answers. Raises CREDENTIAL_TOOL_MISSING, and CREDENTIAL_TOOL_SILENT where it answers nothing. */
export function runTool(
  tool: string,
  { verb, input, signal, patience = PATIENCE_MS }: ToolCall,
): Promise<{ readonly isOk: boolean; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const options = signal === undefined ? {} : { signal }
    const child = execFile(`docker-credential-${tool}`, [verb], options, (error, stdout, stderr) => {
      clearTimeout(timer)
      if (error?.code === 'ENOENT') reject(toolMissing(tool, error))
      else if (signal?.aborted) reject(signal.reason)
      else resolve({ isOk: error === null, output: error === null ? stdout : stdout.trim() || stderr })
    })
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      // What it has started may hold its pipes open for ever.
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy()
      reject(toolSilent(tool, patience))
    }, patience)
    // One that ends without reading has said what it had to say.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
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
