import { failure } from '../diagnostics/index.ts'
import { encodeProgram } from './encode.ts'
import { startExec } from './exec-session.ts'
import { failureOf } from './failure.ts'
import { findNative } from './find.ts'
import { connectMonitor } from './monitor-connection.ts'
import type { ForegroundOptions, Native, RunReply } from './native.ts'
import type { Program } from './program.ts'
import type { Reply } from './reply.ts'
import { spawnNative } from './spawn.ts'

/** The real native binary. Its path is looked up once, when it is first needed. */
export function createNative(options: { readonly path?: string } = {}): Native {
  let found = options.path
  const binary = (): string => {
    found ??= findNative()
    return found
  }
  // Programs of monitors we started, so that a failed start can name its operation.
  const programs = new Map<string, Program>()
  return {
    run: program => run(binary(), program),
    runForeground: (program, foreground) => runForeground(binary(), program, foreground),
    startMonitor: async program => {
      await startMonitor(binary(), program)
      const monitor = program.supervise?.find(op => op.op === 'monitor')
      if (monitor !== undefined) programs.set(monitor.socket, program)
    },
    connectMonitor: async socketPath => {
      const connection = await connectMonitor(socketPath, programs.get(socketPath))
      void connection.closed.then(() => programs.delete(socketPath))
      return connection
    },
    exec: (program, execOptions) => startExec(binary(), program, execOptions),
  }
}

/** Throws the Failure that a reply carries. */
function check(program: Program, reply: Reply): Reply {
  if (reply.errno !== 0) throw failureOf(program, reply)
  return reply
}

async function run(binary: string, program: Program): Promise<RunReply> {
  const process = spawnNative(binary, 'run', encodeProgram(program), ['ignore', 'ignore', 'ignore'])
  try {
    const reply = check(program, await process.nextReply())
    return {
      results: new Map(reply.results.map(result => [result.opIndex, result.bytes])),
      outputs: reply.results.map(result => result.bytes),
      exitCode: reply.exitCode,
    }
  } finally {
    process.control.destroy()
  }
}

async function runForeground(
  binary: string,
  program: Program,
  options: ForegroundOptions,
): Promise<{ exitCode: number }> {
  options.signal?.throwIfAborted()
  const process = spawnNative(binary, 'run', encodeProgram(program), ['ignore', 'pipe', 'pipe'])
  const { child } = process
  const abort = (): void => void child.kill('SIGKILL')
  options.signal?.addEventListener('abort', abort, { once: true })
  const ended = Promise.all(
    [child.stdout, child.stderr].map(stream => new Promise(resolve => stream?.once('close', resolve))),
  )
  child.stdout?.on('data', (chunk: Buffer) => options.onOutput('stdout', chunk))
  child.stderr?.on('data', (chunk: Buffer) => options.onOutput('stderr', chunk))
  try {
    const reply = check(program, await process.nextReply())
    await ended
    if (reply.exitCode === undefined)
      throw failure({ code: 'NATIVE_PROGRAM_INVALID', summary: 'Program launched no process' })
    return { exitCode: reply.exitCode }
  } catch (error) {
    options.signal?.throwIfAborted()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', abort)
    process.control.destroy()
  }
}

async function startMonitor(binary: string, program: Program): Promise<void> {
  const process = spawnNative(binary, 'monitor', encodeProgram(program), ['ignore', 'ignore', 'ignore'])
  try {
    check(program, await process.nextReply())
  } finally {
    process.control.destroy()
    process.replies.destroy()
    process.child.unref()
  }
}
