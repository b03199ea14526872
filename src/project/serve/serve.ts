import { join } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import {
  type Address,
  type Gateway,
  groupId,
  type Inherited,
  inheritedSockets,
  openGateway,
  parseAddress,
  parsePath,
  type Scope,
  type TlsFiles,
} from '../../gateway/index.ts'
import { makeFolder } from '../../linux/make-folder.ts'
import { acquireLock } from '../../linux/process-lock.ts'
import { statePaths } from '../state-paths.ts'
import { type Environment, environmentOf, type Target } from '../target.ts'
import { KeptEngine } from './kept-engine.ts'
import { notify } from './notify.ts'

/** A socket at which a part of the API is given. */
export interface ScopedSocket extends Scope {
  readonly path: string
}

export interface ServeRequest {
  /** `unix:///…`, `tcp://…`, `fd://…`: where the whole API is given; empty: at sockets that the service manager has passed. */
  readonly hosts: readonly string[]
  readonly sockets: readonly ScopedSocket[]
  /** That may write to sockets at paths, by name or number; absent: root alone. */
  readonly group?: string
  readonly tls?: TlsFiles
  readonly loopbackWithoutTls: boolean
  /** Told once, when everybody is served. */
  readonly onListening: (addresses: readonly string[]) => void
  /** Told of clients that could not be served, and of engines that end. */
  readonly onTrouble: (text: string) => void
  /** Ends it. Containers go on. */
  readonly signal: AbortSignal
}

/**
 * Keeps our own engine up and listens for others in front of it, until the signal. Errors: SERVE_RUNNING, NOT_ROOT, ENGINE_START,
 * HOST_INVALID, SOCKET_GROUP, and those of opening a gateway.
 */
export async function serve(target: Pick<Target, 'env'>, request: ServeRequest): Promise<void> {
  // Whoever uses what this serves has DOCKER_HOST set to it, and maybe here, too.
  const { DOCKER_HOST: _itself, ...env } = environmentOf(target)
  const plan = planOf(env, request)
  const { run } = statePaths(env)
  makeFolder(run, 0o700)
  const lock = acquireLock(join(run, 'serve.lock'), pid => running(run, pid))
  const engine = new KeptEngine(env, request.onTrouble)
  let gateway: Gateway | undefined
  try {
    await engine.up()
    gateway = await openGateway({
      ...plan,
      loopbackWithoutTls: request.loopbackWithoutTls,
      dial: () => engine.dial(),
      onTrouble: request.onTrouble,
    })
    request.onListening(gateway.listensAt)
    await notify(env, ['READY=1', `STATUS=${statusOf(gateway)}`], request.onTrouble)
    await aborted(request.signal)
    await notify(env, ['STOPPING=1'], request.onTrouble)
  } finally {
    await gateway?.close()
    await engine.release()
    lock.release()
  }
}

interface Plan {
  readonly addresses: readonly Address[]
  readonly scoped: readonly { readonly path: string; readonly scope: Scope }[]
  readonly inherited: readonly Inherited[]
  readonly gid?: number
  readonly tls?: TlsFiles
}

/** What is wrong with a request is told before anything is started. */
function planOf(env: Environment, { hosts, sockets, group, tls }: ServeRequest): Plan {
  const inherited = inheritedSockets(env, process.pid)
  const isImplied = hosts.length === 0 && inherited.length > 0
  return {
    addresses: (isImplied ? ['fd://'] : hosts).map(parseAddress),
    scoped: sockets.map(({ path, ...scope }) => {
      parsePath(path, path)
      return { path, scope }
    }),
    inherited,
    ...(group === undefined ? {} : { gid: groupId(group) }),
    ...(tls === undefined ? {} : { tls }),
  }
}

function running(run: string, pid: number): Error {
  return failure({
    code: 'SERVE_RUNNING',
    kind: 'conflict',
    summary: `the engine of "${run}" is served already, by process ${pid}`,
    hint: 'one process may listen at several addresses: give them all to that one',
  })
}

function statusOf({ listensAt }: Gateway): string {
  return listensAt.length === 0 ? 'Keeps the engine up' : `Listens at ${listensAt.join(', ')}`
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
