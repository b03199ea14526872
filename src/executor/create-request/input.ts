import type { Diagnostic } from '../../diagnostics/index.ts'
import { type Path, type Project, renderPath, type Service } from '../../model/index.ts'
import type { ContainerRef, CreateContainer, SealedSecrets } from '../../planner/index.ts'
import { placeOf } from '../place-of.ts'

/** A user of the machine and his group. */
export interface Caller {
  readonly uid: number
  readonly gid: number
}

/** What a container's create request is made from. */
export interface RequestInput {
  readonly operation: Pick<
    CreateContainer,
    'service' | 'serviceName' | 'labels' | 'image' | 'networks' | 'parents' | 'inheritedVolumes' | 'run'
  >
  readonly project: Project
  /** What the container keeps of its secret values. */
  readonly sealed?: SealedSecrets
  /** Digest that goes into the label `com.docker.compose.image`. */
  readonly imageDigest: string | undefined
  /** Id of a container that the plan names. */
  readonly idOf: (ref: ContainerRef) => string
  /** Reads a file of the client's side, `security_opt: seccomp=<file>`. */
  readonly readFile: (path: string) => string
  /** True: the engine is not ours. */
  readonly foreignEngine?: boolean
  /** Who runs the command; absent where the engine is on another machine. */
  readonly caller?: Caller
  /** Says what can not be done; never silence. */
  readonly warn: (diagnostic: Diagnostic) => void
}

/** A warning about one attribute of the service, at its line. */
export function unsupported(
  { project, operation: { serviceName } }: Pick<RequestInput, 'project' | 'operation'>,
  attribute: Path,
  detail: string,
): Diagnostic {
  const name = attribute.filter(part => typeof part === 'string').join('.')
  return {
    severity: 'warning',
    code: 'ATTRIBUTE_NOT_APPLIED',
    summary: `"${name}" of service "${serviceName}" is not applied: ${detail}`,
    path: renderPath(['services', serviceName, ...attribute]),
    ...placeOf(project, serviceName, attribute),
  }
}

/**
 * The object without fields that are undefined: absent is what the engine takes for "default". What it is stands at the
 * call or where the result goes, never in the argument: so a field that the API does not have does not compile.
 */
export function compact<T extends object>(object: NoInfer<T>): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

/** A list, or undefined when there is nothing in it. */
export function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}

/** A map, or undefined when there is nothing in it. */
export function nonEmptyMap<T>(
  map: Readonly<Record<string, T>> | undefined,
): Readonly<Record<string, T>> | undefined {
  return map === undefined || Object.keys(map).length === 0 ? undefined : map
}

/** `deploy.resources.limits`, which win over the service's own limits. */
export function limitsOf(
  service: Service,
): NonNullable<NonNullable<Service['deploy']>['resources']>['limits'] {
  return service.deploy?.resources?.limits
}
