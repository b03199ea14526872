import type { Socket } from 'node:net'
import { join } from 'node:path'
import { Failure, failure } from '../diagnostics/index.ts'
import { failureOf } from './failure.ts'
import { decodePorts, encodeRoutes, type FrontPort, type FrontRoute } from './front-wire.ts'
import { openSocket } from './monitor-connection.ts'
import type { FrontConnection } from './native.ts'
import type { FrontOp } from './program.ts'
import type { Begin } from './spawn.ts'

/** Connects to the front door that is there, or begins one. */
export async function openFront(begin: Begin, op: FrontOp): Promise<FrontConnection> {
  const path = join(op.folder, 'front.sock')
  try {
    return new Session(await openSocket(path))
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'notFound') throw error
  }
  const process = await begin('front', { supervise: [op] })
  try {
    const reply = await process.nextReply()
    if (reply.errno !== 0) throw failureOf({}, reply)
  } finally {
    process.control.destroy()
  }
  return new Session(await openSocket(path))
}

interface Waiting {
  readonly resolve: (ports: readonly FrontPort[]) => void
  readonly reject: (error: unknown) => void
}

class Session implements FrontConnection {
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #waiting: Waiting[] = []
  #heard: Buffer = Buffer.alloc(0)
  #pid: number | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.unref()
    socket.on('data', chunk => this.#hear(chunk))
    this.closed = new Promise(resolve => {
      socket.once('close', () => {
        for (const each of this.#waiting.splice(0)) each.reject(gone())
        resolve()
      })
    })
  }

  get pid(): number | undefined {
    return this.#pid
  }

  async lead(routes: readonly FrontRoute[]): Promise<readonly FrontPort[]> {
    if (this.#socket.destroyed) throw gone()
    const answer = new Promise<readonly FrontPort[]>((resolve, reject) =>
      this.#waiting.push({ resolve, reject }),
    )
    this.#socket.write(encodeRoutes(routes))
    return await answer
  }

  close(): void {
    this.#socket.destroy()
  }

  #hear(chunk: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, chunk])
    for (let told = decodePorts(this.#heard); told !== undefined; told = decodePorts(this.#heard)) {
      this.#heard = this.#heard.subarray(told.length)
      this.#pid = told.pid
      this.#waiting.shift()?.resolve(told.ports)
    }
  }
}

function gone(): Error {
  return failure({ code: 'NATIVE_DIED', kind: 'unavailable', summary: 'The front door has ended' })
}
