// The entry point of a worker of the command host: a thread of the engine's process that has the command line's code loaded, waits for
// one launcher, runs its command and ends.
import { chmodSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { isMainThread, parentPort, threadId, workerData } from 'node:worker_threads'
import { failure, renderDiagnostics } from '../../diagnostics/index.ts'
import { beThread } from '../../linux/process-identity.ts'
import { statePaths } from '../../project/state-paths.ts'
import type { BeginningCommand, Edges } from '../command.ts'
import { COMMANDS } from '../commands/index.ts'
import { EXIT } from '../exit-codes.ts'
import { useColor } from '../global-options.ts'
import { runCli } from '../program.ts'
import { standardStreams } from '../standard-streams.ts'
import { Conversation } from './conversation.ts'
import { FarSignals } from './far-signals.ts'
import { handlingOf, needsOwnProcess } from './handling.ts'
import { type CommandRequest, readRequest } from './request.ts'
import { FarInput, FarOutput } from './streams.ts'
import { frame, frameReader, KIND, numberAt, numbers } from './wire.ts'

/** What the engine gives a worker. */
export interface WorkerData {
  /** Where it listens. */
  readonly path: string
  /** Of the engine: a command that means another is not run here. */
  readonly root: string
  readonly run: string
}

/** What the engine has started with. */
const startedWith: Readonly<Record<string, string | undefined>> = { ...process.env }

/** Commands whose code is there before anybody asks for it. */
const EVERYDAY = ['ps', 'exec', 'logs', 'up', 'down', 'run', 'ls', 'images', 'top']

if (!isMainThread) void start(workerData as WorkerData, () => parentPort?.postMessage('ready'))
else {
  // The build runs commands so, for V8's code caches.
  const { root, run } = statePaths(process.env)
  const path = `${run}/rehearsal.sock`
  void start({ path, root, run }, () => rehearse(path, process.argv.slice(3)))
}

async function start({ path, root, run }: WorkerData, onReady: () => void): Promise<void> {
  beThread(threadId)
  // So that no command waits for its code.
  await Promise.all(COMMANDS.filter(({ name }) => EVERYDAY.includes(name)).map(({ load }) => load()))
  const server = createServer(socket => {
    server.close()
    serve(socket, { root, run })
  })
  server.listen(path, () => {
    chmodSync(path, 0o600)
    onReady()
  })
}

/** Hears the request, which comes first, then all else. */
function serve(socket: Socket, engine: Pick<WorkerData, 'root' | 'run'>): void {
  const read = frameReader((kind, payload) => {
    if (kind !== KIND.request) return
    socket.off('data', read)
    runCommand(new Conversation(socket, () => process.exit(EXIT.failure)), readRequest(payload), engine)
  })
  socket
    .on('data', read)
    .on('error', () => undefined)
    .once('close', () => process.exit(EXIT.failure))
}

function runCommand(
  conversation: Conversation,
  request: CommandRequest,
  engine: Pick<WorkerData, 'root' | 'run'>,
): void {
  becomeProcessOf(request)
  const { streams, words, cwd, calledAs, pid } = request
  const stdout = new FarOutput(conversation, 0, streams[1])
  const stderr = new FarOutput(conversation, 1, streams[2])
  const sayStatus = listen(conversation, [stdout, stderr])
  let stdin: FarInput | undefined
  const edges: Edges = {
    streams: standardStreams({
      stdin: () => {
        stdin ??= new FarInput(conversation, streams[0])
        return stdin as unknown as NodeJS.ReadStream
      },
      stdout: () => stdout as unknown as NodeJS.WriteStream,
      stderr: () => stderr as unknown as NodeJS.WriteStream,
      tell: text => void stderr.write(text),
    }),
    env: process.env,
    cwd,
    calledAs,
    pid,
    signals: new FarSignals(conversation, () => process.exit(EXIT.interrupted)),
    readInput: () => {
      throw failure({
        code: 'INTERNAL',
        summary: 'standard input is read to its end by a process of its own alone',
      })
    },
    begin: command => begin(conversation, command, { words, stderr, ...engine }),
  }
  void runCli(words, edges).then(status => {
    process.exitCode = status
    endSoon(sayStatus)
  })
}

/** What code finds that asks `process` all the same: paths are resolved by it, and programs are started with its variables. */
function becomeProcessOf({ cwd, env, words, calledAs }: CommandRequest): void {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  process.cwd = () => cwd
  process.argv = [process.execPath, calledAs, ...words]
}

/** Says so and waits for the end where the command is not for this engine's host. */
function begin(
  conversation: Conversation,
  command: BeginningCommand,
  {
    words,
    stderr,
    ...engine
  }: Pick<WorkerData, 'root' | 'run'> & {
    readonly words: readonly string[]
    readonly stderr: FarOutput
  },
): Promise<void> {
  const handling = handlingOf(command.name, command.values)
  const { root, run } = statePaths(command.env)
  const isHere = root === engine.root && run === engine.run
  const isWanted = handling === 'looks' || (handling === 'acts' && !!command.env['TSCOMPOSE_WARM'])
  if (isHere && isWanted && !needsOwnProcess(command, words, startedWith)) {
    conversation.begin(handling === 'looks', lastWords(command, stderr))
    return Promise.resolve()
  }
  conversation.hold()
  conversation.send(KIND.cold)
  return new Promise(() => undefined)
}

/** Turns of the loop after a command in which its end is looked for. */
const SOON = 8

/**
 * Says the status as soon as nothing keeps the thread any more, which is what ends a process of its own. The event for that comes
 * when V8's threads have nothing to do for anybody, which may take a while.
 */
function endSoon(sayStatus: () => void, turns: number = SOON): void {
  if (turns === 0) return
  setImmediate(() => {
    const keeping = process.getActiveResourcesInfo().filter(name => name !== 'Immediate')
    if (keeping.length === 0) sayStatus()
    else endSoon(sayStatus, turns - 1)
  })
}

/** For who is left alone with a command that has begun. */
function lastWords({ globals, env }: BeginningCommand, stderr: FarOutput): string {
  const { diagnostics } = failure({
    code: 'ENGINE_LOST',
    kind: 'unavailable',
    summary: 'the engine ended while it ran this command: what it has done of it is not known',
    hint: 'look at it with `tscompose ps --all`, and run the command again',
  })
  return `${renderDiagnostics(diagnostics, { color: useColor(globals, { isTTY: stderr.isTTY === true }, env) })}\n`
}

/** Passes on what the launcher says of the streams; returns what says how the command ends, once. */
function listen(conversation: Conversation, outputs: readonly [FarOutput, FarOutput]): () => void {
  let isOver = false
  const sayStatus = (): void => {
    if (!isOver) conversation.hold()
    isOver = true
    conversation.send(KIND.status, numbers(Number(process.exitCode ?? 0)))
  }
  const streamOf = (payload: Buffer): 0 | 1 => (numberAt(payload, 0) === 0 ? 0 : 1)
  conversation.on(KIND.written, payload => {
    const stream = streamOf(payload)
    conversation.written(stream, numberAt(payload, 1))
    outputs[stream].onRoom()
  })
  conversation.on(KIND.lost, payload => {
    const stream = streamOf(payload)
    conversation.written(stream, conversation.unsaid(stream))
    outputs[stream].onRoom()
    outputs[stream].onLost(numberAt(payload, 1))
    // The launcher takes no status from before that.
    conversation.send(KIND.heard)
    if (isOver) setImmediate(sayStatus)
  })
  conversation.on(KIND.size, payload => {
    for (const [index, output] of outputs.entries())
      output.onSize({ rows: numberAt(payload, index * 2), columns: numberAt(payload, index * 2 + 1) })
  })
  const end = (): void => {
    if (!isOver) sayStatus()
  }
  process.on('beforeExit', end)
  process.on('exit', () => {
    const unsent = outputs.flatMap((output, stream) =>
      output.unsent.map(bytes => ({ stream: stream === 0 ? (0 as const) : (1 as const), bytes })),
    )
    parentPort?.postMessage(conversation.tail(unsent))
  })
  return end
}

/** Has a worker that listens at `path` run a command, as a launcher does, and ends this process with its status: for V8's code caches. */
function rehearse(path: string, words: readonly string[]): void {
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`)
  const lists = [words, env].flatMap(list => [String(list.length), ...list])
  const texts = [String(process.pid), process.cwd(), 'tscompose', '', '', '', ...lists]
  // What keeps the command's thread alive is the command.
  const client = connect(path).unref()
  client.on(
    'data',
    frameReader((kind, payload) => {
      if (kind === KIND.errorOutput) process.stderr.write(payload)
      if (kind === KIND.cold) throw new Error('the command wants a process of its own')
      if (kind === KIND.status) process.exit(numberAt(payload, 0))
    }),
  )
  client.write(frame(KIND.request, Buffer.from(texts.map(text => `${text}\0`).join(''))))
}
