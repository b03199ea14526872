import { openSync } from 'node:fs'
import { PassThrough, type Writable } from 'node:stream'
import { failure } from '../diagnostics/index.ts'
import { followDns, readRefusedNames } from './dns-log.ts'
import { encodeProgram } from './encode.ts'
import { startExec } from './exec-session.ts'
import { failureOf, failureOfEntry } from './failure.ts'
import { findNative } from './find.ts'
import { openFront } from './front-session.ts'
import { connectMonitor } from './monitor-connection.ts'
import type { ForegroundOptions, Native, RunReply } from './native.ts'
import { type PackItem, PackReader } from './pack-reader.ts'
import type { Program } from './program.ts'
import type { Reply } from './reply.ts'
import { openRules } from './rules-session.ts'
import { type Begin, type NativeProcess, spawnNative } from './spawn.ts'
import { Spawner, type Starter } from './spawner.ts'
import { type UnpackSink, UnpackStream } from './unpack-stream.ts'

/** The native binary, and the one process that bears the others. */
export interface NativeProcesses extends Native {
  /** The pid of the spawner. */
  readonly spawner: () => Promise<number | undefined>
  /** Ends the spawner: nothing more is begun. */
  readonly end: () => void
}

/**
 * The real native binary: all that has it in this process shares one spawner. Or the program at `path` in its place, which is
 * executed as it is, and anew for each process.
 */
export function createNative(options: { readonly path?: string } = {}): NativeProcesses {
  const { path } = options
  if (path !== undefined)
    return { ...nativeOf(beginAlone(path)), spawner: async () => undefined, end: () => undefined }
  shared ??= new Spawner(findNative)
  const spawner = shared
  // Ready before it is needed; who needs it is told what failed.
  spawner.place().catch(() => undefined)
  return { ...nativeOf(beginBy(spawner)), spawner: () => spawner.pid(), end: () => spawner.end() }
}

let shared: Spawner | undefined

function beginAlone(path: string): Begin {
  return async (...wanted) => {
    const spawner = new Spawner(() => path)
    try {
      return await beginBy(spawner)(...wanted)
    } finally {
      spawner.end()
    }
  }
}

function beginBy(starter: Starter): Begin {
  return (mode, program, streams) => spawnNative(starter, mode, encodeProgram(program), streams)
}

function nativeOf(begin: Begin): Native {
  // Programs of monitors we started, so that a failed start can name its operation.
  const programs = new Map<string, Program>()
  return {
    run: program => run(begin, program),
    pack: program => pack(begin, program),
    unpack: (program, fill) => unpack(begin, program, fill),
    holdUserns: program => holdUserns(begin, program),
    runForeground: (program, foreground) => runForeground(begin, program, foreground),
    openRules: onForeign => openRules(begin, onForeign),
    openFront: op => openFront(begin, op),
    startMonitor: async program => {
      await startMonitor(begin, program)
      const monitor = program.supervise?.find(op => op.op === 'monitor')
      if (monitor !== undefined) programs.set(monitor.socket, program)
    },
    connectMonitor: async socketPath => {
      const connection = await connectMonitor(socketPath, programs.get(socketPath))
      void connection.closed.then(() => programs.delete(socketPath))
      return connection
    },
    followDns,
    refusedNames: readRefusedNames,
    exec: (program, options) => startExec(begin, program, options),
  }
}

/** Throws the Failure that a reply carries. */
function check(program: Program, reply: Reply): Reply {
  if (reply.errno !== 0) throw failureOf(program, reply)
  return reply
}

async function run(begin: Begin, program: Program): Promise<RunReply> {
  const process = await begin('run', program)
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
  begin: Begin,
  program: Program,
  fill: (sink: UnpackSink) => Promise<void>,
): Promise<void> {
  const process = await begin('run', program)
  const told = new PassThrough()
  const ended = lastReply(process, told).then(reply => check(program, reply))
  const stream = new UnpackStream(process.control, told, ended, (error, name) =>
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

/** The reply at the end; before it come those that tell of large files. */
async function lastReply({ nextReply }: NativeProcess, told: Writable): Promise<Reply> {
  for (;;) {
    const reply = await nextReply()
    const [file] = reply.results
    if (reply.errno !== 0 || file === undefined) return reply
    told.write(file.bytes)
  }
}

async function* pack(begin: Begin, program: Program): AsyncGenerator<readonly PackItem[]> {
  const process = await begin('run', program, ['stdout'])
  const ended = process.nextReply()
  // It is awaited at the end; until then nobody hears of a process that died.
  ended.catch(() => undefined)
  const reader = new PackReader()
  const { stdout } = process.streams
  try {
    for await (const chunk of stdout ?? []) yield reader.push(chunk)
    check(program, await ended)
    if (!reader.isWhole) throw failure({ code: 'NATIVE_DIED', summary: 'Native binary ended within a tree' })
  } finally {
    stdout?.destroy()
    process.control.destroy()
  }
}

async function holdUserns(begin: Begin, program: Program): Promise<number> {
  const process = await begin('hold', program)
  try {
    const { results } = check(program, await process.nextReply())
    const number = results.find(({ bytes }) => bytes.length === 4)?.bytes.readUInt32LE()
    if (number === undefined)
      throw failure({ code: 'NATIVE_PROGRAM_INVALID', summary: 'Program holds nothing' })
    return openSync(`/proc/${process.pid}/fd/${number}`, 'r')
  } finally {
    process.control.destroy()
  }
}

async function runForeground(
  begin: Begin,
  program: Program,
  options: ForegroundOptions,
): Promise<{ exitCode: number }> {
  options.signal?.throwIfAborted()
  const process = await begin('run', program, ['stdout', 'stderr'])
  const { control, streams } = process
  // The process sees it, and ends with all that it launched.
  const abort = (): void => void control.destroy()
  options.signal?.addEventListener('abort', abort, { once: true })
  const ended = Promise.all(
    Object.values(streams).map(stream => new Promise(end => stream.once('close', end))),
  )
  streams.stdout?.on('data', (chunk: Buffer) => options.onOutput('stdout', chunk))
  streams.stderr?.on('data', (chunk: Buffer) => options.onOutput('stderr', chunk))
  try {
    options.signal?.throwIfAborted()
    const reply = check(program, await process.nextReply())
    await ended
    if (reply.exitCode === undefined)
      throw failure({ code: 'NATIVE_PROGRAM_INVALID', summary: 'Program launched no process' })
    return { exitCode: reply.exitCode }
  } catch (error) {
    // It may have been aborted before anybody listened, while the process began.
    control.destroy()
    // Who hears of the end may count on it: nothing of it is left.
    if (options.signal?.aborted) await ended
    options.signal?.throwIfAborted()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', abort)
    control.destroy()
  }
}

async function startMonitor(begin: Begin, program: Program): Promise<void> {
  const process = await begin('monitor', program)
  try {
    check(program, await process.nextReply())
  } finally {
    process.control.destroy()
  }
}
