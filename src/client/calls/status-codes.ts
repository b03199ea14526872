import { ROUTES, type RouteName } from '../../api/routes.ts'
import type { StatusCodes } from '../modem/engine-failure.ts'

/** Proxies have been seen to answer 200 where Docker answers another success. */
const SUCCESS = { 200: true, 201: true, 202: true, 204: true } as const

const BAD = { 400: 'bad parameter' } as const
const NO_SWARM = { 503: 'node is not part of a swarm' } as const

/** What errors are called that the calls about one thing of a kind have in common: dockerode's words. */
const NOUNS: Readonly<Record<string, StatusCodes>> = {
  archive: {
    400: 'client error, bad parameters',
    403: 'client error, permission denied',
    404: 'no such container',
  },
  checkpoint: { 404: 'no such container' },
  config: { 404: 'config not found', ...NO_SWARM },
  container: { 404: 'no such container' },
  exec: { 404: 'no such exec' },
  image: { 404: 'no such image' },
  network: { 404: 'no such network' },
  node: { 404: 'no such node' },
  plugin: { 404: 'plugin not installed' },
  secret: { 404: 'secret not found' },
  service: { 404: 'no such service' },
  task: { 404: 'unknown task' },
  volume: { 404: 'no such volume' },
}

const NAME_TAKEN = {
  406: 'server error or node is not part of a swarm',
  409: 'name conflicts with an existing object',
} as const

/** What errors are called of one call alone. */
const CALLS: Partial<Readonly<Record<RouteName, StatusCodes>>> = {
  configCreate: NAME_TAKEN,
  containerCommit: { 404: 'no such container' },
  containerCreate: { ...BAD, 404: 'no such container', 406: 'impossible to attach' },
  containerList: BAD,
  containerRemove: BAD,
  containerResize: BAD,
  containerStart: { 304: 'container already started' },
  containerStop: { 304: 'container already stopped' },
  containerUpdate: BAD,
  containerWait: BAD,
  distributionInspect: { 401: 'no such image' },
  execCreate: { 404: 'no such container', 409: 'container stopped/paused' },
  execResize: { 500: 'container not running' },
  execStart: { 409: 'container stopped/paused', 500: 'container not running' },
  imageList: BAD,
  imageRemove: { 409: 'conflict' },
  imageTag: { ...BAD, 409: 'conflict' },
  imagesSave: BAD,
  networkConnect: { 404: 'network or container is not found' },
  networkCreate: { 404: 'driver not found' },
  networkDisconnect: { 404: 'network or container is not found' },
  networkList: BAD,
  networkRemove: { 409: 'conflict' },
  nodeList: { ...BAD, 404: 'no such node', ...NO_SWARM },
  nodeUpdate: { 406: 'node is not part of a swarm' },
  pluginInspect: { 404: 'plugin is not installed' },
  pluginRemove: { 404: 'plugin is not installed' },
  secretCreate: NAME_TAKEN,
  secretInspect: { 406: 'node is not part of a swarm' },
  serviceLogs: NO_SWARM,
  swarmInit: { ...BAD, 406: 'node is already part of a Swarm' },
  swarmInspect: { 406: 'This node is not a swarm manager' },
  swarmJoin: { ...BAD, 406: 'node is already part of a Swarm' },
  swarmLeave: { 406: 'node is not part of a Swarm' },
  swarmUpdate: { ...BAD, 406: 'node is already part of a Swarm' },
  taskLogs: { 404: 'no such container', ...NO_SWARM },
  volumeList: BAD,
  volumeRemove: { 409: 'conflict' },
}

/** Which answers to a call are no errors, and what the others are called. */
export function statusCodesOf(name: RouteName): StatusCodes {
  const noun = ROUTES[name].path.includes(':') ? /^[a-z]+/.exec(name)?.[0] : undefined
  return { ...SUCCESS, 500: 'server error', ...(noun && NOUNS[noun]), ...CALLS[name] }
}
