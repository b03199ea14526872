import type { ContainerCreateRequest, ContainerStopOptions } from '../../types/index.ts'
import { checkShape } from '../decode/shape.ts'
import { CONTAINER_CREATE, CONTAINER_UPDATE } from '../decode/shapes.ts'
import { decodeCondition, required } from '../decode/values.ts'
import type { Handlers } from '../handler.ts'
import type { ContainerBackend } from './backend.ts'

type LifecycleRoute =
  | 'containerCreate'
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
  | 'containerPrune'

/** What changes a container. */
export function lifecycleHandlers(backend: ContainerBackend): Handlers<LifecycleRoute> {
  return {
    containerCreate: async ({ query, body }) =>
      backend.create(normalize(body), {
        ...(query.name === undefined ? {} : { name: query.name.replace(/^\//, '') }),
        ...(query.platform === undefined ? {} : { platform: query.platform }),
      }),
    containerStart: async ({ params, query }) => {
      const { detachKeys } = query
      await backend.start(params.id, detachKeys === undefined ? {} : { detachKeys })
      return undefined
    },
    containerStop: ({ params, query }) => backend.stop(params.id, stopOptions(query)),
    containerRestart: async ({ params, query }) => {
      await backend.restart(params.id, stopOptions(query))
      return undefined
    },
    containerKill: async ({ params, query }) => {
      await backend.kill(params.id, query.signal)
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
      checkShape(CONTAINER_UPDATE, body)
      return backend.update(params.id, body)
    },
    containerWait: ({ params, query, signal }) =>
      backend.wait(params.id, decodeCondition(query.condition), signal),
    containerRemove: async ({ params, query }) => {
      await backend.remove(params.id, { force: query.force, volumes: query.v, link: query.link })
      return undefined
    },
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

/** `Cmd` and `Entrypoint` may be one text instead of a list (Docker's `StrSlice`). */
function normalize(body: ContainerCreateRequest): ContainerCreateRequest {
  const listed = { ...body, ...listOf(body, 'Cmd'), ...listOf(body, 'Entrypoint') }
  checkShape(CONTAINER_CREATE, listed)
  return listed
}

function listOf(body: ContainerCreateRequest, name: 'Cmd' | 'Entrypoint'): Partial<ContainerCreateRequest> {
  const value: unknown = body[name]
  return typeof value === 'string' ? { [name]: [value] } : {}
}
