import type { ContainerBackend } from '../../backend/containers.ts'
import type { ContainerCreateRequest, ContainerStopOptions } from '../../types/index.ts'
import { takeShape } from '../decode/shape.ts'
import { CONFIG, CONTAINER_CREATE, CONTAINER_UPDATE } from '../decode/shapes.ts'
import { refuseStartBody } from '../decode/start-body.ts'
import { decodeCondition, invalid, required } from '../decode/values.ts'
import type { ApiRequest, Handlers } from '../handler.ts'
import type { Peers } from '../peers.ts'

type LifecycleRoute =
  | 'containerCreate'
  | 'containerMaker'
  | 'containerStart'
  | 'containerStop'
  | 'containerRestart'
  | 'containerKill'
  | 'containerPause'
  | 'containerUnpause'
  | 'containerRename'
  | 'containerUpdate'
  | 'containerWait'
  | 'containerRemove'
  | 'containerUnlink'
  | 'containerPrune'

/** What changes a container. */
export function lifecycleHandlers(backend: ContainerBackend, peers: Peers): Handlers<LifecycleRoute> {
  return {
    containerCreate: async ({ query, body, connection }) => {
      const taken = takeShape(CONTAINER_CREATE, listed(body))
      checkConfig(taken.body)
      const created = await backend.create(peers.withOwner(connection, taken.body), {
        ...(query.name === undefined
          ? {}
          : { name: query.name === '/' ? '/' : query.name.replace(/^\//, '') }),
        ...(query.platform === undefined ? {} : { platform: query.platform }),
        ...(query.maker === undefined ? {} : { maker: query.maker }),
      })
      return { ...created, Warnings: [...created.Warnings, ...taken.unknown.map(notKnown)] }
    },
    containerMaker: async ({ params, signal }) => backend.stayMaker(params.id, signal),
    containerStart: request => start(backend, request),
    containerStop: async ({ params, query }) => {
      const result = await backend.stop(params.id, stopOptions(query))
      return query.told ? result : undefined
    },
    containerRestart: async ({ params, query }) => {
      await backend.restart(params.id, stopOptions(query))
      return undefined
    },
    containerKill: async ({ params, query }) => {
      await backend.kill(params.id, query.signal, { orKill: query.orKill })
      return undefined
    },
    containerPause: async ({ params }) => {
      await backend.pause(params.id)
      return undefined
    },
    containerUnpause: async ({ params }) => {
      await backend.unpause(params.id)
      return undefined
    },
    containerRename: async ({ params, query }) => {
      await backend.rename(params.id, required('name', query.name).replace(/^\//, ''))
      return undefined
    },
    containerUpdate: async ({ params, body }) => {
      const taken = takeShape(CONTAINER_UPDATE, body)
      const { Warnings } = await backend.update(params.id, taken.body)
      const warnings = [...(Warnings ?? []), ...taken.unknown.map(notChanged)]
      return { Warnings: warnings.length === 0 ? null : warnings }
    },
    containerWait: ({ params, query, signal }) =>
      backend.wait(params.id, decodeCondition(query.condition), signal),
    containerRemove: async ({ params, query }) => {
      const { force, v: volumes, link, forget } = query
      const options = { force, volumes, link, ...(forget ? { forget } : {}) }
      await (link ? backend.unlink(params.id, '') : backend.remove(params.id, options))
      return undefined
    },
    containerUnlink: async ({ params }) => backend.unlink(params.id, params.alias).then(() => undefined),
    containerPrune: ({ query }) => backend.prune(query.filters),
  }
}

function stopOptions(query: {
  readonly t: number | undefined
  readonly signal: string | undefined
}): ContainerStopOptions {
  const { t, signal } = query
  return { ...(t === undefined ? {} : { timeout: t }), ...(signal === undefined ? {} : { signal }) }
}

function notKnown(path: string): string {
  return `${path} has no effect: this engine does not know it`
}

function notChanged(path: string): string {
  return `${path} is not changed: an update changes limits and the restart policy alone`
}

async function start(
  backend: ContainerBackend,
  { params, query, headers }: ApiRequest<'containerStart'>,
): Promise<undefined> {
  refuseStartBody(headers)
  const { detachKeys, checkpoint, beside } = query
  if (checkpoint !== undefined) throw invalid('checkpoint is only supported in experimental mode')
  await backend.start(params.id, {
    ...(detachKeys === undefined ? {} : { detachKeys }),
    ...(beside ? { beside } : {}),
  })
}

/** Nothing of a container's own, whatever is said of its host and networks, asks for none. In Docker's words. */
function checkConfig(body: ContainerCreateRequest): void {
  if (!Object.keys(body).some(name => Object.hasOwn(CONFIG, name)))
    throw invalid('config cannot be empty in order to create a container')
}

/** `Cmd` and `Entrypoint` may be one text instead of a list (Docker's `StrSlice`). */
function listed(body: ContainerCreateRequest): ContainerCreateRequest {
  return { ...body, ...listOf(body, 'Cmd'), ...listOf(body, 'Entrypoint') }
}

function listOf(body: ContainerCreateRequest, name: 'Cmd' | 'Entrypoint'): Partial<ContainerCreateRequest> {
  const value: unknown = body[name]
  return typeof value === 'string' ? { [name]: [value] } : {}
}
