import { failure } from '../diagnostics/index.ts'
import { encodeProgram } from './encode.ts'
import { startExec } from './exec-session.ts'
import { failureOf, failureOfEntry } from './failure.ts'
import { findNative } from './find.ts'
import { connectMonitor } from './monitor-connection.ts'
import type { ForegroundOptions, Native, RunReply } from './native.ts'
import { type PackItem, PackReader } from './pack-reader.ts'
import type { Program } from './program.ts'
import type { Reply } from './reply.ts'
import { openAbove, STDIO_OF_A_CHILD, sealedPath } from './sealed.ts'
import { spawnNative } from './spawn.ts'
import { type UnpackSink, UnpackStream } from './unpack-stream.ts'

/** The real native binary, or the program at `path` in its place, which is executed as it is. */
export function createNative(options: { readonly path?: string } = {}): Native {
  const binary = options.path === undefined ? sharedBinary() : async () => options.path ?? ''
  // Programs of monitors we started, so that a failed start can name its operation.
  const programs = new Map<string, Program>()
  return {
    run: async program => run(await binary(), program),
    pack: program => pack(binary, program),
    unpack: async (program, fill) => unpack(await binary(), program, fill),
    holdUserns: async program => holdUserns(await binary(), program),
    runForeground: async (program, foreground) => runForeground(await binary(), program, foreground),
    startMonitor: async program => {
      await startMonitor(await binary(), program)
      const monitor = program.supervise?.find(op => op.op === 'monitor')
      if (monitor !== undefined) programs.set(monitor.socket, program)
    },
    connectMonitor: async socketPath => {
      const connection = await connectMonitor(socketPath, programs.get(socketPath))
      void connection.closed.then(() => programs.delete(socketPath))
      return connection
    },
    exec: async (program, execOptions) => startExec(await binary(), program, execOptions),
  }
}

let shared: (() => Promise<string>) | undefined

/** One copy for the whole process: it takes a descriptor and a megabyte, and is there when an upgrade has removed the file. */
function sharedBinary(): () => Promise<string> {
  shared ??= sealedBinary()
  return shared
}

/** Makes the copy ready before it is needed. A binary that is not there is looked for again, and missed by every call. */
function sealedBinary(): () => Promise<string> {
  let ready: Promise<string> | undefined
  const binary = (): Promise<string> => {
    ready ??= (async () => sealedPath(findNative()))()
    void ready.catch(() => {
      ready = undefined
    })
    return ready
  }
  void binary().catch(() => undefined)
  return binary
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

async function unpack(
  binary: string,
  program: Program,
  fill: (sink: UnpackSink) => Promise<void>,
): Promise<void> {
  const process = spawnNative(binary, 'run', encodeProgram(program), ['ignore', 'ignore', 'ignore'])
  const ended = process.nextReply().then(reply => check(program, reply))
  const stream = new UnpackStream(process.control, ended, (error, name) =>
    failureOfEntry(program, error, name),
  )
  try {
    await fill(stream)
    await stream.ready()
    stream.end()
    await ended
  } finally {
    stream.destroy()
    process.control.destroy()
  }
}

async function* pack(binary: () => Promise<string>, program: Program): AsyncGenerator<readonly PackItem[]> {
  const process = spawnNative(await binary(), 'run', encodeProgram(program), ['ignore', 'pipe', 'ignore'])
  const ended = process.nextReply()
  // It is awaited at the end; until then nobody hears of a process that died.
  ended.catch(() => undefined)
  const reader = new PackReader()
  try {
    for await (const chunk of process.child.stdout ?? []) yield reader.push(chunk)
    check(program, await ended)
    if (!reader.isWhole) throw failure({ code: 'NATIVE_DIED', summary: 'Native binary ended within a tree' })
  } finally {
    process.child.stdout?.destroy()
    process.control.destroy()
  }
}

async function holdUserns(binary: string, program: Program): Promise<number> {
  const process = spawnNative(binary, 'hold', encodeProgram(program), ['ignore', 'ignore', 'ignore'])
  try {
    const { results } = check(program, await process.nextReply())
    const number = results.find(({ bytes }) => bytes.length === 4)?.bytes.readUInt32LE()
    if (number === undefined)
      throw failure({ code: 'NATIVE_PROGRAM_INVALID', summary: 'Program holds nothing' })
    return openAbove(`/proc/${process.child.pid}/fd/${number}`, STDIO_OF_A_CHILD)
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
