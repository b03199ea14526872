import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { failure } from '../diagnostics/index.ts'
import { encodeProgram } from './encode.ts'
import { failureOf } from './failure.ts'
import { encodeNumbers } from './frames.ts'
import { REQUEST } from './monitor-protocol.ts'
import type { ExecOptions, ExecSession } from './native.ts'
import type { Program } from './program.ts'
import { ignoreBrokenPipe, type NativeProcess, spawnNative } from './spawn.ts'

/** Runs an `exec` program; resolves when the command runs. */
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
  const reply = await process.nextReply()
  if (reply.errno !== 0) {
    process.control.destroy()
    throw failureOf(program, reply)
  }
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
