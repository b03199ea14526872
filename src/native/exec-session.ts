import { type Failure, failure } from '../diagnostics/index.ts'
import { failureOf } from './failure.ts'
import { encodeNumbers } from './frames.ts'
import { REQUEST } from './monitor-protocol.ts'
import type { ExecOptions, ExecSession } from './native.ts'
import type { Program } from './program.ts'
import type { Reply } from './reply.ts'
import type { Begin, NativeProcess } from './spawn.ts'
import type { Stream } from './spawner-wire.ts'

/** Milliseconds until a start is given up that the native program, whose own limit is 60 s, has not. */
const START_LIMIT = 65_000

/**
 * Runs an `exec` program; resolves when the command runs. COMMAND_START_TIMEOUT when it does not get there; an abort ends
 * the start, but not a command that runs.
 */
export async function startExec(begin: Begin, program: Program, options: ExecOptions): Promise<ExecSession> {
  options.signal?.throwIfAborted()
  const process = await begin('exec', withSize(program, options), streamsOf(options))
  const reply = await untilStarted(process, program, options.signal)
  // Waited for from the start, so that a command that ends at once is not missed.
  const exited = awaitExit(process)
  return sessionOf(process, reply.pid, exited, options)
}

/** With a terminal all output is one stream, and the input comes whether it was asked for or not. */
function streamsOf({ stdin, tty }: ExecOptions): readonly Stream[] {
  return tty ? ['stdin', 'stdout'] : [...(stdin ? (['stdin'] as const) : []), 'stdout', 'stderr']
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
    for (const socket of [process.control, ...Object.values(process.streams)]) socket.destroy()
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
  const { control, streams } = process
  const { stdin, stdout, stderr } = streams
  if (stdout === undefined) throw failure({ code: 'NATIVE_DIED', summary: 'Native binary has no stdout' })
  // Nothing comes by it but its end.
  stdin?.resume()
  // Nobody may be waiting yet; whoever awaits `exited` still gets the error.
  exited.catch(() => undefined)
  return {
    pid,
    stdin: options.stdin ? stdin : undefined,
    stdout,
    stderr,
    resize: (rows, cols) => void control.write(encodeNumbers(REQUEST.resize, rows, cols)),
    signal: signal => void control.write(encodeNumbers(REQUEST.signal, signal, 0)),
    exited,
  }
}
