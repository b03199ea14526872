import type {
  ConfigSpec,
  NetworkCreateRequest,
  SecretSpec,
  ServiceInspect,
  ServiceSpec,
} from '../../../api/types/index.ts'
import type { Change, Resource } from '../../../planner/core/operation.ts'
import type { PlanOf } from '../../../planner/core/plan.ts'
import type { DeployOperation } from '../../plan/plan.ts'

interface OperationBase extends DeployOperation {
  readonly resource: Resource<'service' | 'network' | 'config' | 'secret'>
}

export interface CreateNetwork extends OperationBase {
  readonly type: 'createNetwork'
  readonly request: NetworkCreateRequest
}

export interface RemoveNetwork extends OperationBase {
  readonly type: 'removeNetwork'
  readonly networkId: string
}

/** Data is put in when it is made: a plan may be kept. */
export interface CreateFile extends OperationBase {
  readonly type: 'createFile'
  readonly kind: 'config' | 'secret'
  readonly wanted: ConfigSpec & SecretSpec
  readonly data?: Uint8Array
}

/** Gives a config or a secret other labels: nothing else of them can be changed. */
export interface UpdateFile extends OperationBase {
  readonly type: 'updateFile'
  readonly kind: 'config' | 'secret'
  readonly fileId: string
  readonly version: number
  readonly wanted: ConfigSpec & SecretSpec
}

export interface RemoveFile extends OperationBase {
  readonly type: 'removeFile'
  readonly kind: 'config' | 'secret'
  readonly fileId: string
}

export interface CreateService extends OperationBase {
  readonly type: 'createService'
  readonly wanted: ServiceSpec
}

export interface UpdateService extends OperationBase {
  readonly type: 'updateService'
  readonly serviceId: string
  readonly version: number
  readonly wanted: ServiceSpec
  /** What it was before, which the manager knows, takes the place of what is wanted. */
  readonly isRollback?: true
  /** All but what changes is as it was when it was looked at: what others have changed since must not be taken back. */
  readonly isPartial?: true
}

export interface RemoveService extends OperationBase {
  readonly type: 'removeService'
  readonly serviceId: string
}

/** Waits until the tasks of a service run, or until it is clear that they do not. */
export interface AwaitService extends OperationBase {
  readonly type: 'awaitService'
  /** It was not there before: whatever its tasks did, they did since. */
  readonly isNew?: true
  readonly isRollback?: true
}

/** Waits until the tasks of a service that was removed have ended. */
export interface AwaitEnd extends OperationBase {
  readonly type: 'awaitEnd'
  readonly serviceId: string
}

/** One call of a manager, or a wait for what it does. */
export type SwarmOperation =
  | CreateNetwork
  | RemoveNetwork
  | CreateFile
  | UpdateFile
  | RemoveFile
  | CreateService
  | UpdateService
  | RemoveService
  | AwaitService
  | AwaitEnd

export type SwarmPlan = PlanOf<SwarmOperation>

/** Id of the operation that makes or changes the thing, or of the last that is done to it. */
export function idOf(kind: SwarmOperation['resource']['kind'], name: string, step: string): string {
  return `${kind}:${name}:${step}`
}

/** The removal of a service, and the wait until its tasks have ended. Gives the id of the latter. */
export function removalOf(
  { ID, Spec }: Pick<ServiceInspect, 'ID' | 'Spec'>,
  cause: string,
): readonly [RemoveService, AwaitEnd] {
  const name = Spec.Name ?? ID
  const base = {
    resource: { kind: 'service', name },
    action: 'remove',
    cause,
    changes: [],
    serviceId: ID,
  } as const
  const remove: RemoveService = {
    ...base,
    type: 'removeService',
    id: idOf('service', name, 'remove'),
    after: [],
  }
  return [remove, { ...base, type: 'awaitEnd', id: idOf('service', name, 'end'), after: [remove.id] }]
}

/** What an update of a service is, beside the service itself. */
export interface Update {
  readonly wanted: ServiceSpec
  readonly cause: string
  readonly changes: readonly Change[]
  /** Ids of what is done before; none without it. */
  readonly after?: readonly string[]
  readonly isRollback?: true
  readonly isPartial?: true
}

/** The change of a service, and the wait until its tasks run as it says. */
export function updateOf(
  { ID, Spec, Version }: Pick<ServiceInspect, 'ID' | 'Spec' | 'Version'>,
  { wanted, cause, changes, after = [], isRollback, isPartial }: Update,
): readonly [UpdateService, AwaitService] {
  const name = Spec.Name ?? ID
  const base = {
    resource: { kind: 'service', name },
    cause,
    ...(isRollback && { isRollback }),
  } as const
  const update: UpdateService = {
    ...base,
    type: 'updateService',
    id: idOf('service', name, 'update'),
    action: 'update',
    changes,
    after,
    serviceId: ID,
    version: Version.Index,
    wanted,
    ...(isPartial && { isPartial }),
  }
  return [update, waitFor({ ...base, after: [update.id] })]
}

/** The wait for the tasks of a service. */
export function waitFor(
  wait: Pick<AwaitService, 'resource' | 'cause' | 'after' | 'isNew' | 'isRollback'>,
): AwaitService {
  const id = idOf('service', wait.resource.name, 'wait')
  return { ...wait, type: 'awaitService', id, action: 'wait', changes: [] }
}
