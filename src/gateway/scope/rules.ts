import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { ROUTES, type Route, type RouteName } from '../../api/routes.ts'
import { refuseStartBody } from '../../api/server/decode/start-body.ts'
import type { ImageInspect, InfoResponse, NetworkInspect, VolumeInspect } from '../../api/types/index.ts'
import type { EngineCalls } from './engine-calls.ts'
import { scopedEvents } from './events.ts'
import { Holdings } from './holdings.ts'
import { filtersOf, listContainers, withoutReferences } from './lists.ts'
import { redactContainer, redactImage, redactInfo, redactSummary, redactVolume } from './redact.ts'
import { notThere } from './refusals.ts'
import { PROJECT, type Scope } from './scope.ts'

/** A client's request, in parts: none of its text reaches the engine but values of parameters that the route has. */
export interface ScopedRequest {
  readonly route: RouteName
  readonly params: Readonly<Record<string, string>>
  /** Of the parameters that the route has, those that were given. */
  readonly query: Readonly<Record<string, string>>
  /** Read, and never passed on. */
  readonly headers: IncomingHttpHeaders
  /** `/v1.44`, or nothing: answers have the shape of that version. */
  readonly version: string
  readonly engine: EngineCalls
  readonly scope: Scope
}

/** What is answered: a value, lines of our own making, or the engine's answer as it is. */
export type Reply =
  | { readonly value: unknown }
  | { readonly lines: AsyncIterable<string>; readonly of: IncomingMessage }
  | { readonly answer: IncomingMessage }

export interface Rule {
  /** Changes something: not for a scope that is read-only. */
  readonly changes?: true
  readonly reply: (request: ScopedRequest) => Promise<Reply>
}

const asItIs: Rule = { reply: async request => ({ answer: await open(request, request.params) }) }

/** The engine's answer for a container of the scope, by its whole id: what a name means may change from one call to the next. */
const ofContainer: Rule = { reply: async request => ({ answer: await openForContainer(request) }) }
const changesContainer: Rule = { ...ofContainer, changes: true }

/**
 * Every route that a scope gives, and how. What is not here is refused: creating, `exec`, `attach` and archives make whoever can do them root,
 * `top` and `history` show command lines, and a new route is for nobody until somebody has decided.
 */
export const RULES: { readonly [N in RouteName]?: Rule } = {
  ping: asItIs,
  pingHead: asItIs,
  version: asItIs,
  info: { reply: info },
  events: { reply: events },
  containerList: {
    reply: async request => {
      const listed = await listContainers(holdingsOf(request), request.query, request.version)
      return { value: request.scope.showEnv ? listed : listed.map(redactSummary) }
    },
  },
  containerInspect: {
    reply: async request => shown(await openForContainer(request), request.scope, redactContainer),
  },
  containerLogs: { reply: logs },
  containerStats: ofContainer,
  statsOfAll: { reply: statsOfAll },
  containerWait: ofContainer,
  networkList: {
    reply: async request => {
      const holdings = holdingsOf(request)
      const own = new Set((await holdings.containers()).map(({ Id }) => Id))
      return {
        value: (await holdings.networks(request.query, request.version)).map(each => amongOwn(each, own)),
      }
    },
  },
  networkInspect: { reply: networkInspect },
  volumeList: {
    reply: async request => {
      const { Volumes, Warnings } = await holdingsOf(request).volumes(request.query, request.version)
      return { value: { Volumes: request.scope.showEnv ? Volumes : Volumes.map(redactVolume), Warnings } }
    },
  },
  volumeInspect: {
    reply: async request => {
      const name = await holdingsOf(request).volumeName(request.params['name'] ?? '')
      return shown<VolumeInspect>(await open(request, { name }), request.scope, redactVolume)
    },
  },
  imageList: {
    reply: async request => ({
      value: await holdingsOf(request).images(withoutReferences(request.query), request.version),
    }),
  },
  imageInspect: { reply: imageInspect },
  // Who looks for a thing of any kind looks for plugins last, and wants to hear that there is none.
  pluginInspect: { reply: noPlugin },

  containerStart: {
    changes: true,
    reply: async request => {
      refuseStartBody(request.headers)
      return { answer: await openForContainer(request) }
    },
  },
  containerStop: changesContainer,
  containerRestart: changesContainer,
  containerKill: changesContainer,
  containerPause: changesContainer,
  containerUnpause: changesContainer,
}

function holdingsOf({ engine, scope }: ScopedRequest): Holdings {
  return new Holdings(engine, scope)
}

/** The engine has none: it need not be asked. */
async function noPlugin({ params }: ScopedRequest): Promise<never> {
  throw notThere('PLUGIN_NOT_FOUND', `plugin "${params['name']}" not found`)
}

/** Calls the route of a request with parameters that have been looked up. */
function open(
  { route, query, version, engine }: ScopedRequest,
  params: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const row: Route = ROUTES[route]
  const path = row.path.replace(/:([a-z]+)\+?/gi, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const method = row.method === 'HEAD' || row.method === 'POST' ? row.method : 'GET'
  return engine.open({ method, path: `${version}${path}`, query })
}

async function openForContainer(request: ScopedRequest): Promise<IncomingMessage> {
  return open(request, { id: await holdingsOf(request).containerId(request.params['id'] ?? '') })
}

/** Details of a log are values of variables and labels that its options name: without them, unless variables are shown. */
async function logs(request: ScopedRequest): Promise<Reply> {
  const { details: _details, ...query } = request.query
  return { answer: await openForContainer(request.scope.showEnv ? request : { ...request, query }) }
}

/** A value of the engine, redacted where the scope wants it; a refusal of the engine as it is. */
async function shown<T>(answer: IncomingMessage, scope: Scope, redact: (value: T) => T): Promise<Reply> {
  if (answer.statusCode !== 200) return { answer }
  const value = (await json(answer)) as T
  return { value: scope.showEnv ? value : redact(value) }
}

async function info(request: ScopedRequest): Promise<Reply> {
  const answer = await open(request, {})
  if (answer.statusCode !== 200) return { answer }
  const said = (await json(answer)) as InfoResponse
  const own = await holdingsOf(request).containers()
  const count = (...states: readonly string[]): number =>
    own.filter(({ State }) => states.includes(State)).length
  const counted = {
    ...said,
    Containers: own.length,
    ContainersRunning: count('running'),
    ContainersPaused: count('paused'),
    ContainersStopped: own.length - count('running', 'paused'),
    Images: new Set(own.map(({ ImageID }) => ImageID)).size,
  }
  return { value: request.scope.showEnv ? counted : redactInfo(counted) }
}

async function events(request: ScopedRequest): Promise<Reply> {
  const answer = await open(request, {})
  if (answer.statusCode !== 200) return { answer }
  return { lines: scopedEvents(answer, request.engine, request.scope), of: answer }
}

/** Ours: sampled by the engine for containers that have a label, so for one project after the other. */
async function statsOfAll(request: ScopedRequest): Promise<Reply> {
  const filters = filtersOf(request.query)
  const labels = filters['label'] ?? []
  const wanted = request.scope.projects.map(name => [...labels, `${PROJECT}=${name}`])
  const samples = await Promise.all(
    (wanted.length === 0 ? [labels] : wanted).map(label =>
      request.engine.get<readonly unknown[]>('/tscompose/containers/stats', {
        ...request.query,
        filters: JSON.stringify({ ...filters, label }),
      }),
    ),
  )
  return { value: samples.flat() }
}

async function networkInspect(request: ScopedRequest): Promise<Reply> {
  const holdings = holdingsOf(request)
  const id = await holdings.networkId(request.params['id'] ?? '')
  const own = new Set((await holdings.containers()).map(({ Id }) => Id))
  const answer = await open(request, { id })
  if (answer.statusCode !== 200) return { answer }
  return { value: amongOwn((await json(answer)) as NetworkInspect, own) }
}

/** A network is others', too: of whom is on it only the scope's own are named. */
function amongOwn(network: NetworkInspect, own: ReadonlySet<string>): NetworkInspect {
  const Containers = Object.fromEntries(
    Object.entries(network.Containers ?? {}).filter(([id]) => own.has(id)),
  )
  return { ...network, Containers }
}

async function imageInspect(request: ScopedRequest): Promise<Reply> {
  const { name = '' } = request.params
  const answer = await open(request, { name })
  if (answer.statusCode !== 200 && answer.statusCode !== 404) return { answer }
  const image = answer.statusCode === 200 ? ((await json(answer)) as ImageInspect) : undefined
  answer.resume()
  const holdings = holdingsOf(request)
  if (image === undefined || !(await holdings.hasImage(image.Id, name)))
    throw notThere('IMAGE_NOT_FOUND', `No such image: ${name}`)
  const shown = await holdings.image(image)
  return { value: request.scope.showEnv ? shown : redactImage(shown) }
}
