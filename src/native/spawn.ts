import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import type { Duplex, Readable } from 'node:stream'
import { failure } from '../diagnostics/index.ts'
import { started } from '../linux/started.ts'
import { type Reply, ReplyReader } from './reply.ts'

/** Modes of the binary. */
export type Mode = 'run' | 'monitor' | 'exec' | 'hold'

/** What the child has as fd 0, 1, 2. */
export type Stdio = 'ignore' | 'pipe'

/** A spawned native process: fd 3 takes the program (and later frames), fd 4 gives replies. */
export interface NativeProcess {
  readonly child: ChildProcess
  readonly control: Duplex
  readonly replies: Readable
  /** The next reply, or a Failure when the process ends without one. */
  readonly nextReply: () => Promise<Reply>
}

/**
 * Spawns the binary without environment, in a session of its own, and hands over the program. fd 3 stays open: its
 * end tells the process that we are gone. FD_LIMIT.
 */
export function spawnNative(
  binary: string,
  mode: Mode,
  program: Buffer,
  stdio: readonly [Stdio, Stdio, Stdio],
): NativeProcess {
  const options: StdioOptions = [...stdio, 'pipe', 'pipe']
  // Not the host's path: a container sees the words of a process that joins it.
  const argv0 = 'tscompose-native'
  const child = started(spawn(binary, [mode], { argv0, stdio: options, env: {}, cwd: '/', detached: true }))
  const control = child.stdio[3] as Duplex
  const replies = child.stdio[4] as Readable
  // A process that ends before it has read everything makes these fail; its reply, or the lack of one, tells more.
  control.on('error', ignoreBrokenPipe)
  replies.on('error', ignoreBrokenPipe)
  control.resume()
  control.write(program)
  return { child, control, replies, nextReply: replyQueue(child, replies, mode) }
}

/** Write errors of a process that is gone: EPIPE and ECONNRESET are its end, which is handled where it is awaited. */
export function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET' && error.code !== 'ERR_STREAM_DESTROYED')
    throw error
}

/** Takes replies as they come, so that none is lost between two that are awaited. */
function replyQueue(child: ChildProcess, replies: Readable, mode: Mode): () => Promise<Reply> {
  const reader = new ReplyReader()
  const ready: Reply[] = []
  const waiting: { resolve: (reply: Reply) => void; reject: (error: unknown) => void }[] = []
  let ended: unknown
  const end = (error: unknown): void => {
    ended ??= error
    for (const each of waiting.splice(0)) each.reject(ended)
  }
  replies.on('data', (chunk: Buffer) => {
    try {
      for (const reply of reader.push(chunk)) {
        const first = waiting.shift()
        if (first === undefined) ready.push(reply)
        else first.resolve(reply)
      }
    } catch (error) {
      end(error)
    }
  })
  replies.once('close', () => {
    end(failure({ code: 'NATIVE_DIED', summary: `Native binary ended without a reply in mode "${mode}"` }))
  })
  child.once('error', cause => {
    end(
      failure({
        code: 'NATIVE_MISSING',
        kind: 'unavailable',
        summary: 'Cannot run the native binary',
        detail: cause.message,
        cause,
      }),
    )
  })
  return () => {
    const reply = ready.shift()
    if (reply !== undefined) return Promise.resolve(reply)
    if (ended !== undefined) return Promise.reject(ended)
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }
}
