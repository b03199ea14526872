import { CLUSTER_ROUTES } from './cluster-routes.ts'
import { IMAGE_ROUTES } from './image-routes.ts'
import { PLUGIN_ROUTES } from './plugin-routes.ts'
import type { AnswerKind, QueryField } from './route.ts'
import type { Filters, RequestBodies, Results } from './types/index.ts'

export type { AnswerKind, BodyKind, QueryField, Route } from './route.ts'

/** The API versions that are served; a request without one means the newest. */
export const API_VERSION = '1.51'
export const MIN_API_VERSION = '1.24'

const OWN_ROUTES = {
  ping: { method: 'GET', path: '/_ping', answer: 'text' },
  pingHead: { method: 'HEAD', path: '/_ping', answer: 'text' },
  version: { method: 'GET', path: '/version', answer: 'json' },
  info: { method: 'GET', path: '/info', answer: 'json' },
  events: {
    method: 'GET',
    path: '/events',
    query: { since: 'text', until: 'text', filters: 'filters' },
    answer: 'lines',
  },
  diskUsage: { method: 'GET', path: '/system/df', query: { type: 'list' }, answer: 'json' },

  containerCreate: {
    method: 'POST',
    path: '/containers/create',
    // `maker` is ours: who stays connected at `containerMaker` until it has started it. Docker leaves it aside.
    query: { name: 'text', platform: 'text', maker: 'text' },
    body: 'json',
    answer: 'json',
    status: 201,
  },
  // Ours: for as long as this is open its containers have somebody who is about to start them.
  containerMaker: { method: 'POST', path: '/tscompose/makers/:id', answer: 'lines' },
  containerList: {
    method: 'GET',
    path: '/containers/json',
    query: { all: 'flag', limit: 'number', size: 'flag', filters: 'filters' },
    answer: 'json',
  },
  containerPrune: {
    method: 'POST',
    path: '/containers/prune',
    query: { filters: 'filters' },
    answer: 'json',
  },
  containerInspect: {
    method: 'GET',
    path: '/containers/:id/json',
    query: { size: 'flag', TscomposeDrift: 'flag' },
    answer: 'json',
  },
  containerTop: { method: 'GET', path: '/containers/:id/top', query: { ps_args: 'text' }, answer: 'json' },
  containerLogs: {
    method: 'GET',
    path: '/containers/:id/logs',
    query: {
      follow: 'flag',
      stdout: 'flag',
      stderr: 'flag',
      since: 'text',
      until: 'text',
      timestamps: 'flag',
      tail: 'text',
      details: 'flag',
    },
    answer: 'log',
  },
  containerChanges: { method: 'GET', path: '/containers/:id/changes', answer: 'json' },
  containerExport: { method: 'GET', path: '/containers/:id/export', answer: 'tar' },
  containerStats: {
    method: 'GET',
    path: '/containers/:id/stats',
    query: { stream: 'flagOn', 'one-shot': 'flag' },
    answer: 'lines',
  },
  // Ours: all at once, where Docker has one call a container.
  statsOfAll: {
    method: 'GET',
    path: '/tscompose/containers/stats',
    query: { all: 'flag', filters: 'filters' },
    answer: 'json',
  },
  // Ours: what a container asks its resolver.
  containerDnsLog: { method: 'GET', path: '/tscompose/containers/:id/dns-log', answer: 'lines' },
  // Ours: where a container was kept from going.
  containerRefused: { method: 'GET', path: '/tscompose/containers/:id/refused', answer: 'json' },
  // Ours: what has drifted in the kernel is put right where it stands.
  containerRepair: {
    method: 'POST',
    path: '/tscompose/containers/:id/repair',
    body: 'json',
    answer: 'empty',
  },
  // Ours: a container that runs beside the one whose place it takes gets its names and ports; that one is left by who is connected.
  containerRelieve: { method: 'POST', path: '/tscompose/containers/:id/relieve', answer: 'empty' },
  containerDrain: {
    method: 'POST',
    path: '/tscompose/containers/:id/drain',
    query: { t: 'number' },
    answer: 'empty',
  },
  networkRepair: { method: 'POST', path: '/tscompose/networks/:id/repair', body: 'json', answer: 'empty' },
  // Ours: each moment at which a project's drift may have changed; and whether it is put right as it goes.
  kernelStirs: { method: 'GET', path: '/tscompose/projects/:id/stirs', answer: 'lines' },
  projectMend: {
    method: 'POST',
    path: '/tscompose/projects/:id/mend',
    query: { on: 'flag' },
    answer: 'empty',
  },
  // Ours: what else is a project's own name, beside those of its containers.
  projectNames: { method: 'POST', path: '/tscompose/projects/:id/names', body: 'json', answer: 'empty' },
  // Ours: all that a plan is made from, where Docker has a call for each thing.
  snapshot: { method: 'POST', path: '/tscompose/snapshot', body: 'json', answer: 'json' },
  // Ours: the data of a project, kept and put back.
  savedList: { method: 'GET', path: '/tscompose/snapshots', query: { project: 'text' }, answer: 'json' },
  savedSave: { method: 'POST', path: '/tscompose/snapshots', body: 'json', answer: 'json', status: 201 },
  savedRestore: { method: 'POST', path: '/tscompose/snapshots/restore', body: 'json', answer: 'json' },
  savedRemove: { method: 'DELETE', path: '/tscompose/snapshots/:project/:name', answer: 'empty' },
  // Ours: whose this connection is, from here on: what a gateway knows of who came to it.
  connectionPeer: {
    method: 'POST',
    path: '/tscompose/peer',
    query: { uid: 'number', gid: 'number' },
    answer: 'empty',
  },
  // Ours: a connection for many calls at once (shared-line.ts).
  sharedLine: { method: 'POST', path: '/tscompose/line', answer: 'upgrade' },
  // Ours: what the engine does meanwhile is recorded.
  traceBegin: { method: 'POST', path: '/tscompose/trace', answer: 'empty' },
  traceEnd: { method: 'DELETE', path: '/tscompose/trace', query: { since: 'number' }, answer: 'json' },
  containerResize: {
    method: 'POST',
    path: '/containers/:id/resize',
    query: { h: 'text', w: 'text' },
    answer: 'empty',
    status: 200,
  },
  containerStart: {
    method: 'POST',
    path: '/containers/:id/start',
    // Ours: `beside` the one whose place it takes, while that one runs.
    query: { detachKeys: 'text', checkpoint: 'text', beside: 'flag' },
    answer: 'empty',
  },
  containerStop: {
    method: 'POST',
    path: '/containers/:id/stop',
    // `told` is ours: who asks hears whether the grace period was skipped, where Docker says nothing.
    query: { t: 'number', signal: 'text', told: 'flag' },
    answer: 'json',
  },
  containerRestart: {
    method: 'POST',
    path: '/containers/:id/restart',
    query: { t: 'number', signal: 'text' },
    answer: 'empty',
  },
  containerKill: {
    method: 'POST',
    path: '/containers/:id/kill',
    // `orKill` is ours: where nobody would heed the signal it is SIGKILL. Docker leaves it aside.
    query: { signal: 'text', orKill: 'flag' },
    answer: 'empty',
  },
  containerUpdate: { method: 'POST', path: '/containers/:id/update', body: 'json', answer: 'json' },
  containerRename: {
    method: 'POST',
    path: '/containers/:id/rename',
    query: { name: 'text' },
    answer: 'empty',
  },
  containerPause: { method: 'POST', path: '/containers/:id/pause', answer: 'empty' },
  containerUnpause: { method: 'POST', path: '/containers/:id/unpause', answer: 'empty' },
  containerAttach: {
    method: 'POST',
    path: '/containers/:id/attach',
    query: {
      detachKeys: 'text',
      logs: 'flag',
      stream: 'flag',
      stdin: 'flag',
      stdout: 'flag',
      stderr: 'flag',
    },
    answer: 'attach',
  },
  containerAttachSocket: {
    method: 'GET',
    path: '/containers/:id/attach/ws',
    query: {
      detachKeys: 'text',
      logs: 'flag',
      stream: 'flag',
      stdin: 'flag',
      stdout: 'flag',
      stderr: 'flag',
    },
    answer: 'webSocket',
  },
  containerWait: {
    method: 'POST',
    path: '/containers/:id/wait',
    query: { condition: 'text' },
    answer: 'wait',
  },
  containerRemove: {
    method: 'DELETE',
    path: '/containers/:id',
    // Ours: `forget`.
    query: { v: 'flag', force: 'flag', link: 'flag', forget: 'flag' },
    answer: 'empty',
  },
  /** `link` names what the first container calls another; nothing else has two names in its path. */
  containerUnlink: { method: 'DELETE', path: '/containers/:id/:alias', answer: 'empty' },
  archiveStat: { method: 'HEAD', path: '/containers/:id/archive', query: { path: 'text' }, answer: 'stat' },
  archiveGet: { method: 'GET', path: '/containers/:id/archive', query: { path: 'text' }, answer: 'tar' },
  archivePut: {
    method: 'PUT',
    path: '/containers/:id/archive',
    query: {
      path: 'text',
      noOverwriteDirNonDir: 'flag',
      copyUIDGID: 'flag',
      injected: 'text',
      overMounts: 'list',
    },
    body: 'tar',
    answer: 'empty',
    status: 200,
  },

  checkpointList: {
    method: 'GET',
    path: '/containers/:id/checkpoints',
    query: { dir: 'text' },
    answer: 'json',
  },
  checkpointCreate: {
    method: 'POST',
    path: '/containers/:id/checkpoints',
    body: 'json',
    answer: 'empty',
    status: 201,
  },
  checkpointRemove: {
    method: 'DELETE',
    path: '/containers/:id/checkpoints/:checkpoint',
    query: { dir: 'text' },
    answer: 'empty',
  },

  execCreate: {
    method: 'POST',
    path: '/containers/:id/exec',
    body: 'json',
    answer: 'json',
    status: 201,
  },
  // Ours: made and started in the one running container that has these labels, its exit code told behind its output.
  execIn: { method: 'POST', path: '/tscompose/exec', body: 'json', answer: 'attach' },
  execStart: { method: 'POST', path: '/exec/:id/start', body: 'json', answer: 'attach' },
  execResize: {
    method: 'POST',
    path: '/exec/:id/resize',
    query: { h: 'text', w: 'text' },
    answer: 'empty',
    status: 200,
  },
  execInspect: { method: 'GET', path: '/exec/:id/json', answer: 'json' },

  networkList: {
    method: 'GET',
    path: '/networks',
    // `containers` is ours: what versions of the API before 1.28 show by themselves.
    query: { filters: 'filters', containers: 'flag' },
    answer: 'json',
  },
  networkCreate: { method: 'POST', path: '/networks/create', body: 'json', answer: 'json', status: 201 },
  networkPrune: { method: 'POST', path: '/networks/prune', query: { filters: 'filters' }, answer: 'json' },
  networkInspect: {
    method: 'GET',
    path: '/networks/:id+',
    query: { verbose: 'flag', scope: 'text' },
    answer: 'json',
  },
  networkConnect: {
    method: 'POST',
    path: '/networks/:id+/connect',
    body: 'json',
    answer: 'empty',
    status: 200,
  },
  networkDisconnect: {
    method: 'POST',
    path: '/networks/:id+/disconnect',
    body: 'json',
    answer: 'empty',
    status: 200,
  },
  networkRemove: { method: 'DELETE', path: '/networks/:id+', answer: 'empty' },

  volumeList: { method: 'GET', path: '/volumes', query: { filters: 'filters' }, answer: 'json' },
  volumeCreate: { method: 'POST', path: '/volumes/create', body: 'json', answer: 'json', status: 201 },
  volumePrune: { method: 'POST', path: '/volumes/prune', query: { filters: 'filters' }, answer: 'json' },
  volumeInspect: { method: 'GET', path: '/volumes/:name', answer: 'json' },
  volumeUpdate: {
    method: 'PUT',
    path: '/volumes/:name',
    query: { version: 'text' },
    body: 'json',
    answer: 'empty',
    status: 200,
  },
  volumeRemove: { method: 'DELETE', path: '/volumes/:name', query: { force: 'flag' }, answer: 'empty' },
} as const

type RouteTable = typeof OWN_ROUTES & typeof IMAGE_ROUTES & typeof CLUSTER_ROUTES & typeof PLUGIN_ROUTES

/** The whole Engine API as we serve it and as the client calls it: one row an endpoint. */
export const ROUTES: RouteTable = { ...OWN_ROUTES, ...IMAGE_ROUTES, ...CLUSTER_ROUTES, ...PLUGIN_ROUTES }

/** The key of a route. */
export type RouteName = keyof RouteTable

/** Body type of a route. */
export type BodyOf<N extends RouteName> = N extends keyof RequestBodies ? RequestBodies[N] : undefined

/** Result type of a route. */
export type ResultOf<N extends RouteName> = N extends keyof Results ? Results[N] : undefined

type ShapeOf<N extends RouteName> = RouteTable[N] extends { readonly query: infer Q }
  ? Q
  : Record<never, never>

interface Decoded {
  readonly text: string | undefined
  readonly flag: boolean
  readonly flagOn: boolean
  readonly number: number | undefined
  readonly list: readonly string[]
  readonly filters: Filters
  readonly json: unknown
}

/** The query as a handler sees it: every field there, flags and lists with their defaults. */
export type QueryOf<N extends RouteName> = {
  readonly [K in keyof ShapeOf<N>]: ShapeOf<N>[K] extends QueryField ? Decoded[ShapeOf<N>[K]] : never
}

interface Encodable {
  readonly text: string | number
  readonly flag: boolean | number
  readonly flagOn: boolean | number
  readonly number: number
  readonly list: string | readonly string[]
  readonly filters:
    | string
    | Readonly<Record<string, string | readonly string[] | Readonly<Record<string, boolean>> | undefined>>
  readonly json: unknown
}

/** The query as a caller writes it: every field optional, numbers for flags allowed, filters in any of Docker's forms. */
export type CallQueryOf<N extends RouteName> = {
  readonly [K in keyof ShapeOf<N>]?:
    | (ShapeOf<N>[K] extends QueryField ? Encodable[ShapeOf<N>[K]] : never)
    | undefined
}

type ParamNames<P extends string> = P extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer Tail}`
    ? Unplus<Name> | ParamNames<Tail>
    : Unplus<Rest>
  : never
type Unplus<Name extends string> = Name extends `${infer Plain}+` ? Plain : Name

/** The path's parameters of a route. */
export type ParamsOf<N extends RouteName> = { readonly [K in ParamNames<RouteTable[N]['path']>]: string }

/** The routes that answer in one way. */
export type RoutesAnswering<A extends AnswerKind> = {
  [N in RouteName]: RouteTable[N]['answer'] extends A ? N : never
}[RouteName]
