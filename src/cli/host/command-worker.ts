// The entry point of a worker of the command host: a thread of the engine's process that has the command line's code loaded and runs the
// commands of launchers, one after the other. After each it is as it was before, or ends.
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { isMainThread, parentPort, threadId, workerData } from 'node:worker_threads'
import { beThread } from '../../linux/process-identity.ts'
import { liveInEngine } from '../../project/engine.ts'
import { keepLastProject } from '../../project/model.ts'
import { statePaths } from '../../project/state-paths.ts'
import { COMMANDS } from '../commands/index.ts'
import { EXIT } from '../exit-codes.ts'
import { IdleHeap } from '../idle-heap.ts'
import { Conversation } from './conversation.ts'
import type { WorkerData, WorkerWord } from './hands.ts'
import { OneCommand, type Thread } from './one-command.ts'
import { OpenedFiles } from './opened-files.ts'
import { readRequest } from './request.ts'
import { Traces } from './traces.ts'
import { frame, frameReader, KIND, numberAt } from './wire.ts'

/** Milliseconds behind a command after which the garbage that commands have left goes, where no other one has come, and bytes that are worth it. */
const QUIET = 2_000
const WORTH = 2 * 1024 * 1024

/** Commands whose code is there before anybody asks for it. */
const EVERYDAY = ['ps', 'exec', 'logs', 'up', 'down', 'run', 'ls', 'images', 'top', 'restart', 'build']

const say = (word: WorkerWord): void => parentPort?.postMessage(word)

if (!isMainThread) {
  // The folder may not be there yet.
  const path = new Promise<string>(resolve => parentPort?.once('message', resolve))
  liveInEngine()
  void start(workerData as WorkerData, path, () => say('ready'))
} else {
  // The build runs commands so, for V8's code caches.
  const { root, run } = statePaths(process.env)
  const path = `${run}/rehearsal.sock`
  void start({ root, run }, path, () => rehearse(path, process.argv.slice(3)))
}

/** Listens at `path`. */
async function start(data: WorkerData, path: string | Promise<string>, onReady: () => void): Promise<void> {
  beThread(threadId)
  keepLastProject()
  const traces = new Traces()
  const thread: Thread = { engine: data, files: new OpenedFiles(), connections: () => traces.connections }
  // So that no command waits for its code.
  const expected = data.command === undefined ? EVERYDAY : [data.command]
  await Promise.all(COMMANDS.filter(({ name }) => expected.includes(name)).map(({ load }) => load()))
  const heap = new IdleHeap({ worth: WORTH })
  let quiet: NodeJS.Timeout | undefined
  const server = createServer(socket => {
    clearTimeout(quiet)
    // What keeps the thread from here on is the command.
    server.unref()
    serve(socket, thread, async () => {
      if (!(await traces.remove())) process.exit(EXIT.ok)
      server.ref()
      say('over')
      quiet = setTimeout(() => void heap.empty(), QUIET).unref()
    })
  })
  listen(server, await path, onReady)
}

function listen(server: Server, path: string, onReady: () => void): void {
  server.listen(path, () => {
    chmodSync(path, 0o600)
    onReady()
  })
}

/** Hears the request, which comes first, then all else. */
function serve(socket: Socket, thread: Thread, onOver: () => Promise<void>): void {
  let command: OneCommand | undefined
  let conversation: Conversation | undefined
  // One reader for both: what comes with the request in one piece, as Ctrl-C may, is for the command.
  const read = frameReader((kind, payload) => {
    if (conversation !== undefined) return conversation.take(kind, payload)
    if (kind !== KIND.request) return
    conversation = new Conversation(socket)
    command = new OneCommand(conversation, readRequest(payload), thread)
    command.run()
  })
  socket
    .on('data', read)
    .on('error', () => undefined)
    .once('close', () => {
      // Whoever typed it is gone, and so is what he typed.
      if (command?.isOver === false) process.exit(EXIT.failure)
      command?.dispose()
      void onOver()
    })
}

/** Has a worker that listens at `path` run a command, as a launcher does, and ends this process with its status: for V8's code caches. */
function rehearse(path: string, words: readonly string[]): void {
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`)
  const lists = [words, env].flatMap(list => [String(list.length), ...list])
  const texts = [String(process.pid), process.cwd(), 'tscompose', '', '', '', ...lists]
  process.once('exit', () => rmSync(path, { force: true }))
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
