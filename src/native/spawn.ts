import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, failure } from '../diagnostics/index.ts'
import { failureOf } from './failure.ts'
import type { Program } from './program.ts'
import { type Reply, ReplyReader } from './reply.ts'
import type { Starter } from './spawner.ts'
import { encodeHello, type Mode, type Stream } from './spawner-wire.ts'

/** How often a spawner may be lost before what it was asked for is begun. */
const ATTEMPTS = 10
/** Milliseconds until one is asked again whose queue is full. */
const QUEUE_WAIT = 5
/** Errnos of a process, or a machine, that has no descriptor left. */
const FULL: readonly (string | undefined)[] = ['EMFILE', 'ENFILE']

/** A native process: `control` takes the program (and later frames), and gives replies. Its end tells the process that we are gone. */
export interface NativeProcess {
  readonly pid: number
  readonly control: Socket
  /** Those that were asked for. Who has them reads them to their end, or destroys them. */
  readonly streams: Readonly<Partial<Record<Stream, Socket>>>
  /** The next reply, or a Failure when the process ends without one. */
  readonly nextReply: () => Promise<Reply>
}

/** Begins a process of a mode, with some of its stdio. */
export type Begin = (mode: Mode, program: Program, streams?: readonly Stream[]) => Promise<NativeProcess>

/**
 * Has the spawner bear a process, without environment and in a session of its own, and hands over the program. Resolves when it is there:
 * until then nothing of the program is done, and a spawner that was killed is replaced. NATIVE_DIED, FD_LIMIT.
 */
export async function spawnNative(
  starter: Starter,
  mode: Mode,
  program: Buffer,
  streams: readonly Stream[] = [],
): Promise<NativeProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(starter, { mode, program, streams })
    } catch (error) {
      if (!(error instanceof Lost)) throw error
      if (attempt === ATTEMPTS) throw died(mode)
    }
  }
}

interface Wanted {
  readonly mode: Mode
  readonly program: Buffer
  readonly streams: readonly Stream[]
}

/** Raises `Lost` when nobody was there who could have begun anything. */
async function once(starter: Starter, wanted: Wanted): Promise<NativeProcess> {
  const place = await starter.place()
  const asked = ask(place.address, wanted)
  try {
    const first = await asked.nextReply()
    if (first.errno !== 0) throw failureOf({}, first)
    return { ...asked, pid: first.pid }
  } catch (error) {
    for (const socket of [asked.control, ...Object.values(asked.streams)]) socket.destroy()
    if (!(error instanceof Lost)) throw error
    const errno = errnoOf(error.cause)
    if (FULL.includes(errno)) throw noDescriptor(error)
    if (errno === 'EAGAIN') {
      await sleep(QUEUE_WAIT)
      return await once(starter, wanted)
    }
    // Else it was the process that was killed, and not who bore it.
    if (errno !== undefined) starter.lost(place)
    throw error
  }
}

/** A connection that ended before a process was there. */
class Lost extends Error {}

let tokens = 0n

function ask(address: string, { mode, program, streams }: Wanted): Omit<NativeProcess, 'pid'> {
  tokens += 1n
  const token = tokens
  const connect = (hello: Buffer): Socket => {
    const socket = createConnection(address)
    socket.write(hello)
    return socket
  }
  const opened = streams.map(stream => [stream, connect(encodeHello(stream, token))] as const)
  const control = connect(Buffer.concat([encodeHello(mode, token, streams), program]))
  const { nextReply, end } = replyQueue(control, mode)
  for (const [, socket] of opened) {
    // A process without all its streams never begins.
    socket.once('error', error => end(error))
    socket.on('error', ignoreLostConnection)
  }
  control.on('error', ignoreLostConnection)
  return { control, streams: Object.fromEntries(opened), nextReply }
}

/** A process that ends before it has read everything makes these fail; its reply, or the lack of one, tells more. */
function ignoreLostConnection(): void {}

interface Replies {
  readonly nextReply: () => Promise<Reply>
  /** Nothing more comes, for this reason. */
  readonly end: (cause: Error) => void
}

/** Takes replies as they come, so that none is lost between two that are awaited. */
function replyQueue(control: Socket, mode: Mode): Replies {
  const reader = new ReplyReader()
  const ready: Reply[] = []
  const waiting: { resolve: (reply: Reply) => void; reject: (error: unknown) => void }[] = []
  let ended: (() => unknown) | undefined
  let began = false
  let cause: Error | undefined
  const stop = (why: () => unknown): void => {
    ended ??= why
    for (const each of waiting.splice(0)) each.reject(ended())
  }
  // Of the end that comes behind the last reply nobody asks, and a failure takes longer to make than all else.
  const lost = (): void => stop(() => (began ? died(mode) : new Lost('not begun', { cause })))
  control.on('data', (chunk: Buffer) => {
    try {
      for (const reply of reader.push(chunk)) {
        began = true
        const first = waiting.shift()
        if (first === undefined) ready.push(reply)
        else first.resolve(reply)
      }
    } catch (error) {
      stop(() => error)
    }
  })
  control.once('error', error => {
    cause = error
  })
  control.once('close', lost)
  return {
    end: error => {
      cause ??= error
      if (!began) lost()
    },
    nextReply: () => {
      const reply = ready.shift()
      if (reply !== undefined) return Promise.resolve(reply)
      if (ended !== undefined) return Promise.reject(ended())
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
  }
}

function died(mode: Mode): Error {
  return failure({ code: 'NATIVE_DIED', summary: `Native binary ended without a reply in mode "${mode}"` })
}

function noDescriptor(cause: Error): Error {
  return failure({
    code: 'FD_LIMIT',
    kind: 'unavailable',
    summary: 'cannot start the native program: this process, or the machine, has no descriptor left for it',
    hint: 'raise the limit of open files with `ulimit -n`; an engine takes the one of the command that starts it',
    cause,
  })
}
