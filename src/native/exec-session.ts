import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { type Failure, failure } from '../diagnostics/index.ts'
import { encodeProgram } from './encode.ts'
import { failureOf } from './failure.ts'
import { encodeNumbers } from './frames.ts'
import { REQUEST } from './monitor-protocol.ts'
import type { ExecOptions, ExecSession } from './native.ts'
import type { Program } from './program.ts'
import type { Reply } from './reply.ts'
import { ignoreBrokenPipe, type NativeProcess, spawnNative } from './spawn.ts'

/** Milliseconds until a start is given up that the native program, whose own limit is 60 s, has not. */
const START_LIMIT = 65_000

/**
 * Runs an `exec` program; resolves when the command runs. COMMAND_START_TIMEOUT when it does not get there; an abort ends
 * the start, but not a command that runs.
 */
export async function startExec(
  binary: string,
  program: Program,
  options: ExecOptions,
): Promise<ExecSession> {
  const stdin = options.stdin || options.tty ? 'pipe' : 'ignore'
  const process = spawnNative(binary, 'exec', encodeProgram(withSize(program, options)), [
    stdin,
    'pipe',
    options.tty ? 'ignore' : 'pipe',
  ])
  holdOutput(process.child)
  const reply = await untilStarted(process, program, options.signal)
  // Waited for from the start, so that a command that ends at once is not missed.
  const exited = awaitExit(process)
  return sessionOf(process, reply.pid, exited, options)
}

/**
 * Node lets the streams of a child that has exited flow away unless somebody reads them, and a short command may have
 * ended before its reply was seen. A listener for `readable` keeps what comes until it is asked for.
 */
function holdOutput({ stdout, stderr }: ChildProcess): void {
  for (const stream of [stdout, stderr]) stream?.on('readable', () => undefined)
}

/** The reply that the command runs. When there is none, the native program sees its control fd end and kills the child. */
async function untilStarted(process: NativeProcess, program: Program, signal?: AbortSignal): Promise<Reply> {
  const over = new AbortController()
  const abandon = (): void => over.abort(signal?.reason)
  const timer = setTimeout(() => over.abort(tooLate(program)), START_LIMIT)
  signal?.addEventListener('abort', abandon, { once: true })
  try {
    signal?.throwIfAborted()
    const reply = await Promise.race([process.nextReply(), aborted(over.signal)])
    if (reply.errno !== 0) throw failureOf(program, reply)
    return reply
  } catch (error) {
    process.control.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abandon)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function tooLate(program: Program): Failure {
  return failure({
    code: 'COMMAND_START_TIMEOUT',
    kind: 'unavailable',
    summary: `Command "${program.exec?.[0]?.argv[0] ?? ''}" has not started in ${START_LIMIT / 1000} s`,
  })
}

/** The terminal has its size before the command can ask for it. */
function withSize(program: Program, { rows = 0, cols = 0 }: ExecOptions): Program {
  const inside = program.inside?.map(op => (op.op === 'console' ? { ...op, rows, cols } : op))
  return inside === undefined ? program : { ...program, inside }
}

async function awaitExit(process: NativeProcess): Promise<{ readonly exitCode: number }> {
  try {
    const reply = await process.nextReply()
    if (reply.exitCode === undefined)
      throw failure({ code: 'NATIVE_DIED', summary: 'Native binary lost the command it ran' })
    return { exitCode: reply.exitCode }
  } finally {
    process.control.destroy()
  }
}

function sessionOf(
  process: NativeProcess,
  pid: number,
  exited: Promise<{ readonly exitCode: number }>,
  options: ExecOptions,
): ExecSession {
  const { child, control } = process
  child.stdin?.on('error', ignoreBrokenPipe)
  // Nobody may be waiting yet; whoever awaits `exited` still gets the error.
  exited.catch(() => undefined)
  return {
    pid,
    stdin: options.stdin ? (child.stdin ?? undefined) : undefined,
    stdout: outputOf(child),
    stderr: child.stderr ?? undefined,
    resize: (rows, cols) => void control.write(encodeNumbers(REQUEST.resize, rows, cols)),
    signal: signal => void control.write(encodeNumbers(REQUEST.signal, signal, 0)),
    exited,
  }
}

function outputOf(child: ChildProcess): Readable {
  if (child.stdout === null) throw failure({ code: 'NATIVE_DIED', summary: 'Native binary has no stdout' })
  return child.stdout
}
