import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { getHeapStatistics } from 'node:v8'

/** Commands after which a thread is let go of, whatever it looks like. */
const MOST = 200

/** Bytes of its heap that a thread may keep from one command to the next. */
const HEAP = 40 * 1024 * 1024

/** Turns of the loop in which what was removed has its last word. */
const TURNS = 3

/** What commands leave in their thread, which a process of its own would have taken with it. */
export class Traces {
  readonly #sockets = new Set<Socket>()
  readonly #listeners = new Map<string | symbol, number>()
  #count = 0
  #connections = 0

  /** Taken down before the first command. */
  constructor() {
    subscribe('net.client.socket', message => {
      const { socket } = message as { readonly socket: Socket }
      this.#connections += 1
      this.#sockets.add(socket)
      socket.once('close', () => void this.#sockets.delete(socket))
    })
    for (const name of process.eventNames()) this.#listeners.set(name, process.listenerCount(name))
  }

  /** Connections that commands have made, all together. */
  get connections(): number {
    return this.#connections
  }

  /** Removes them behind a command that has ended by itself. False: the thread is not fit for another one. */
  async remove(): Promise<boolean> {
    this.#count += 1
    for (const socket of this.#sockets) socket.on('error', () => undefined).destroy()
    for (let turn = 0; turn < TURNS; turn += 1) await new Promise(resolve => setImmediate(resolve))
    const isHeard = process
      .eventNames()
      .some(name => process.listenerCount(name) !== (this.#listeners.get(name) ?? 0))
    return (
      !isThreadKept() &&
      !isHeard &&
      this.#sockets.size === 0 &&
      this.#count < MOST &&
      getHeapStatistics().used_heap_size < HEAP
    )
  }
}

/** Whether something goes on for which a process of its own would stay; an immediate is whoever asks. */
function isThreadKept(): boolean {
  return process.getActiveResourcesInfo().some(name => name !== 'Immediate')
}

/** Turns of the loop after a command in which its end is looked for. */
const SOON = 8

/**
 * Calls `end` as soon as nothing keeps the thread any more, which is what ends a process of its own. The event for that comes
 * when V8's threads have nothing to do for anybody, which may take a while.
 */
export function endSoon(end: () => void, turns: number = SOON): void {
  if (turns === 0) return
  setImmediate(() => {
    if (isThreadKept()) endSoon(end, turns - 1)
    else end()
  })
}
