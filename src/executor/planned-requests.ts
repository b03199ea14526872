import type { ContainerCreateRequest, NetworkCreateRequest, VolumeCreateRequest } from '../api/types/index.ts'
import { type Diagnostic, Failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { AdaptContainer, Operation, Plan } from '../planner/index.ts'
import { createRequest, networkRequest, readProfile, volumeRequest } from './create-request/index.ts'
import type { FailedOperation } from './options.ts'

/** A request that an operation will make. */
export type PlannedRequest =
  | { readonly operation: Operation; readonly kind: 'network'; readonly body: NetworkCreateRequest }
  | { readonly operation: Operation; readonly kind: 'volume'; readonly body: VolumeCreateRequest }
  | { readonly operation: Operation; readonly kind: 'container'; readonly body: ContainerCreateRequest }
  /** What a container that is changed while it runs would be made anew by. */
  | { readonly operation: Operation; readonly kind: 'adaptation'; readonly body: ContainerCreateRequest }

/** The request for a container. */
export type PlannedContainer = Extract<PlannedRequest, { readonly kind: 'container' }>

/** Stands for a container that is not there yet. */
const UNKNOWN_ID = '0'.repeat(64)

/** What a plan will ask of an engine, and what is known before it does. */
export interface PlannedRequests {
  readonly requests: readonly PlannedRequest[]
  readonly failures: readonly FailedOperation[]
  /** Networks of the file that the plan leaves as they are, as they were asked for. */
  readonly standing: readonly NetworkCreateRequest[]
  /** Of what has no effect. */
  readonly warnings: readonly Diagnostic[]
}

/**
 * The create requests of a plan in its order, of a service's equal containers the first, for who wants to know what an engine
 * will say to them; and what is wrong or in vain before one is asked.
 */
export function plannedRequests(plan: Plan, project: Project): PlannedRequests {
  const requests: PlannedRequest[] = []
  const failures: FailedOperation[] = []
  const warnings: Diagnostic[] = []
  const seen = new Set<string>()
  for (const operation of plan.operations) {
    if (operation.type === 'createNetwork')
      requests.push({
        operation,
        kind: 'network',
        body: networkRequest(operation.network, operation.labels),
      })
    if (operation.type === 'createVolume')
      requests.push({ operation, kind: 'volume', body: volumeRequest(operation.volume, operation.labels) })
    const isMade = operation.type === 'createContainer'
    if (!(isMade || operation.type === 'adaptContainer') || seen.has(operation.serviceName)) continue
    seen.add(operation.serviceName)
    try {
      const body = containerRequest(isMade ? operation : asMade(operation), project, isMade ? warnings : [])
      requests.push({ operation, kind: isMade ? 'container' : 'adaptation', body })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failures.push({ operation, failure: error })
    }
  }
  return { requests, failures, warnings, standing: standingNetworks(requests, project) }
}

function standingNetworks(requests: readonly PlannedRequest[], project: Project): NetworkCreateRequest[] {
  const made = new Set(requests.flatMap(({ kind, body }) => (kind === 'network' ? [body.Name] : [])))
  return Object.values(project.model.networks ?? {})
    .filter(({ external, name }) => external !== true && !made.has(name))
    .map(network => networkRequest(network, {}))
}

type MadeBy = Parameters<typeof createRequest>[0]['operation']

function asMade({ service, serviceName, labels, networks }: AdaptContainer): MadeBy {
  return {
    service,
    serviceName,
    labels,
    networks,
    image: service.image ?? '',
    parents: { volumes: [] },
    inheritedVolumes: [],
  }
}

function containerRequest(
  operation: MadeBy,
  project: Project,
  warnings: Diagnostic[],
): ContainerCreateRequest {
  return createRequest({
    operation,
    project,
    imageDigest: undefined,
    idOf: () => UNKNOWN_ID,
    readFile: readProfile,
    warn: diagnostic => warnings.push(diagnostic),
  })
}
