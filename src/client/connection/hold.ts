import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { errnoOf, failure, messageOf } from '../../diagnostics/index.ts'
import { ConnectionLost, exchange } from '../http/exchange.ts'

/** Nobody listens there, or whoever did has gone before it answered. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EAGAIN'])

const PING = {
  method: 'GET',
  path: '/_ping',
  headers: { Host: 'docker' },
  body: undefined,
  keepOpen: false,
  comesBack: true,
  signal: undefined,
} as const

/**
 * A connection to the engine at a socket over which it has answered; undefined when none does. An engine that ends when it
 * has no client stays for as long as this is open. To be connected would not do: the kernel lets clients in before the
 * engine sees them, and cuts them off when it ends. Whoever only asks something, and asks again where that happens, may take a
 * connection that is `unproven` and save an answer. It does not keep the process alive. Errors: ENGINE_UNREACHABLE, and NOT_ROOT for
 * who may not open the socket.
 */
export async function holdEngine(socketPath: string, proof?: 'unproven'): Promise<Socket | undefined> {
  const socket = createConnection(socketPath)
  try {
    await once(socket, 'connect')
    if (proof !== 'unproven') await ping(socket)
  } catch (error) {
    socket.destroy()
    if (error instanceof ConnectionLost || GONE.has(errnoOf(error) ?? '')) return undefined
    throw unreachable(socketPath, error)
  }
  // Its end says nothing that a call would not say.
  socket.on('error', () => undefined).unref()
  return socket
}

async function ping(socket: Socket): Promise<void> {
  let free = (): void => {}
  const isFree = new Promise<void>(resolve => {
    free = resolve
  })
  const outcome = await exchange(socket, PING, { timeout: undefined, onFree: () => free() })
  if (outcome.kind === 'upgrade') throw new ConnectionLost()
  outcome.answer.resume()
  await Promise.race([isFree, once(socket, 'close').then(() => Promise.reject(new ConnectionLost()))])
}

function unreachable(socketPath: string, cause: unknown): Error {
  const denied = errnoOf(cause) === 'EACCES'
  return failure({
    code: denied ? 'NOT_ROOT' : 'ENGINE_UNREACHABLE',
    kind: denied ? 'unauthorized' : 'unavailable',
    summary: `cannot connect to the engine at ${socketPath}: ${messageOf(cause)}`,
    ...(denied ? { hint: 'run the command with sudo' } : {}),
    cause,
  })
}
