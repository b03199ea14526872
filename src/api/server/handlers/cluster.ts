import { failure } from '../../../diagnostics/index.ts'
import type { CLUSTER_ROUTES } from '../../cluster-routes.ts'
import { invalid } from '../decode/values.ts'
import type { Handlers } from '../handler.ts'

/** Of a cluster: every one answers as an engine that is in none, in Docker's words, which clients look for. */
export function clusterHandlers(): Handlers<keyof typeof CLUSTER_ROUTES> {
  return {
    swarmInspect: inNoSwarm,
    swarmInit: cannotJoin,
    swarmJoin: cannotJoin,
    swarmLeave: async () => {
      throw inactive('This node is not part of a swarm')
    },
    swarmUpdate: async ({ query }) => updateOf('swarm', query.version),
    swarmUnlockKey: inNoSwarm,
    swarmUnlock: inNoSwarm,

    nodeList: inNoSwarm,
    nodeInspect: inNoSwarm,
    nodeRemove: inNoSwarm,
    nodeUpdate: async ({ query }) => updateOf('node', query.version),

    serviceList: inNoSwarm,
    serviceCreate: inNoSwarm,
    serviceInspect: inNoSwarm,
    serviceRemove: inNoSwarm,
    serviceUpdate: async ({ query }) => updateOf('service', query.version),
    serviceLogs: async ({ query }) => logOf(query),
    taskList: inNoSwarm,
    taskInspect: inNoSwarm,
    taskLogs: async ({ query }) => logOf(query),

    secretList: inNoSwarm,
    secretCreate: inNoSwarm,
    secretInspect: inNoSwarm,
    secretRemove: inNoSwarm,
    secretUpdate: async ({ query }) => updateOf('secret', query.version),
    configList: inNoSwarm,
    configCreate: inNoSwarm,
    configInspect: inNoSwarm,
    configRemove: inNoSwarm,
    configUpdate: async ({ query }) => updateOf('config', query.version),
  }
}

async function inNoSwarm(): Promise<never> {
  throw inactive(
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  )
}

async function cannotJoin(): Promise<never> {
  throw failure({
    code: 'SWARM_UNSUPPORTED',
    kind: 'notImplemented',
    summary: 'this engine cannot be part of a swarm',
  })
}

/** A change must say which version it changes. */
function updateOf(what: string, version: string | undefined): Promise<never> {
  if (version === undefined || !/^\d+$/.test(version))
    throw invalid(`invalid ${what} version '${version ?? ''}'`)
  return inNoSwarm()
}

function logOf({ stdout, stderr }: { readonly stdout: boolean; readonly stderr: boolean }): Promise<never> {
  if (!stdout && !stderr) throw invalid('Bad parameters: you must choose at least one stream')
  return inNoSwarm()
}

function inactive(summary: string): Error {
  return failure({ code: 'SWARM_INACTIVE', kind: 'unavailable', summary })
}
