import type { ContainerBackend } from '../../backend/containers.ts'
import type { ContainerInspect, ContainerInspectOptions, ContainerListOptions } from '../../types/index.ts'
import { parseDetachKeys } from '../answer/detach-keys.ts'
import { decodeSize, decodeTail, decodeTime, invalid } from '../decode/values.ts'
import type { ApiRequest, AttachAnswer, Handlers, LogAnswer } from '../handler.ts'
import { dockerWords, wordsBefore } from '../words/docker-words.ts'
import type { Asked } from '../words/words.ts'

type ObserveRoute =
  | 'containerList'
  | 'containerInspect'
  | 'containerTop'
  | 'containerLogs'
  | 'containerChanges'
  | 'containerStats'
  | 'statsOfAll'
  | 'containerDnsLog'
  | 'containerRefused'
  | 'containerAttach'
  | 'containerAttachSocket'
  | 'containerResize'

/** What looks at a container, and what talks to it. */
export function observeHandlers(backend: ContainerBackend): Handlers<ObserveRoute> {
  return {
    containerList: ({ query }) => backend.list(listOptions(query)),
    containerInspect: ({ params, query }) =>
      inspectForClients(backend, params.id, { size: query.size, drift: query.TscomposeDrift }),
    containerTop: ({ params, query }) => backend.top(params.id, query.ps_args ?? ''),
    containerLogs: request => logs(backend, request),
    containerChanges: ({ params }) => backend.changes(params.id),
    containerStats: ({ params, query, signal }) =>
      backend.stats(params.id, { stream: query.stream, oneShot: query['one-shot'] }, signal),
    statsOfAll: ({ query: { all, filters } }) => backend.statsOfAll({ all, filters }),
    containerDnsLog: ({ params, signal }) => backend.dnsLog(params.id, signal),
    containerRefused: ({ params }) => backend.refused(params.id),
    containerAttach: request => attach(backend, request),
    containerAttachSocket: request => attach(backend, request),
    containerResize: async ({ params, query }) => {
      await backend.resize(params.id, decodeSize(query.h, query.w))
      return undefined
    },
  }
}

/** One container as clients are told of it. */
async function inspectForClients(
  backend: ContainerBackend,
  id: string,
  options: ContainerInspectOptions,
): Promise<ContainerInspect> {
  return inDockersWords(await backend.inspect(id, options))
}

/** Why the last start failed, as that start had answered. */
function inDockersWords(container: ContainerInspect): ContainerInspect {
  const { TscomposeFailure: reason, ...state } = container.State
  if (reason === undefined) return container
  const asked: Asked = { name: 'containerStart', params: { id: container.Id } }
  const words = dockerWords({ severity: 'error', summary: state.Error, ...reason }, asked)
  const error = words === undefined ? state.Error : `${wordsBefore(reason.code, asked)}${words}`
  return { ...container, State: { ...state, Error: error } }
}

async function attach(
  backend: ContainerBackend,
  { params, query }: ApiRequest<'containerAttach' | 'containerAttachSocket'>,
): Promise<AttachAnswer> {
  const { logs, stream, stdin, stdout, stderr } = query
  // Before there is a session: with wrong keys nobody would take its output, and the container would wait for that.
  const detachKeys = parseDetachKeys(query.detachKeys)
  const session = await backend.attach(params.id, { logs, stream, stdin, stdout, stderr })
  return { tty: session.tty, join: async () => session, detachKeys }
}

function listOptions(query: ApiRequest<'containerList'>['query']): ContainerListOptions {
  const { all, limit, size, filters } = query
  // As in Docker, 0 and −1 mean no limit, and with a limit containers of any state are listed.
  if (limit === undefined || limit <= 0) return { all, size, filters }
  return { all: true, limit, size, filters }
}

async function logs(
  backend: ContainerBackend,
  { params, query, signal }: ApiRequest<'containerLogs'>,
): Promise<LogAnswer> {
  const { follow, stdout, stderr, timestamps, details } = query
  if (!stdout && !stderr) throw invalid('Bad parameters: you must choose at least one stream')
  const since = decodeTime('since', query.since)
  const until = decodeTime('until', query.until)
  const tail = decodeTail(query.tail)
  const log = await backend.logs(
    params.id,
    {
      follow,
      stdout,
      stderr,
      // Lines are told apart from their rests by their times.
      timestamps: timestamps || details,
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(tail === undefined ? {} : { tail }),
    },
    signal,
  )
  return { log, timestamps, details }
}
