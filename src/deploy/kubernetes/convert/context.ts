import type { Path, Project, Service } from '../../../model/index.ts'
import type { Metadata, Texts } from '../objects/metadata.ts'
import { withoutKompose } from './kompose-labels.ts'
import { isLabelKey, labelValue, nameFor, namesFor } from './names.ts'
import { Notes } from './notes.ts'

/** How published ports are reached from outside of the cluster. */
export type PublishTo = 'load-balancer' | 'node-port' | 'ingress' | 'gateway' | 'none'

/** What is at a path of this machine, as it was read for the conversion. */
export type HostFile =
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly mode: number }
  /** Files by their paths in the folder; there where all of them are few and small. */
  | { readonly kind: 'folder'; readonly files?: ReadonlyMap<string, Uint8Array> }
  | { readonly kind: 'large' }
  /** A socket, a device, or something that cannot be read. */
  | { readonly kind: 'other' }
  | { readonly kind: 'missing' }
  /** It was not looked at: it is not the project's. */
  | { readonly kind: 'foreign' }

/** What whoever converts may say; the file's own `x-tscompose-kubernetes` wins. */
export interface ConvertOptions {
  /** Namespace of all objects, that of the project's name by default. */
  readonly namespace?: string
  readonly publish?: PublishTo
  /** Host name of routes. */
  readonly host?: string
  /** IngressClass of Ingresses. */
  readonly ingressClass?: string
  /** Gateway of HTTPRoutes, NAME or NAMESPACE/NAME. */
  readonly gateway?: string
  /** Bytes of a volume that says nothing, as text. */
  readonly volumeSize?: string
  readonly storageClass?: string
  readonly networkPolicies?: boolean
}

/** Nothing is in no namespace: names of services are names in one, and those of two projects may be the same. */
export type GivenOptions = ConvertOptions & Required<Pick<ConvertOptions, 'namespace'>>

/** All that the parts of a conversion share. */
export interface Context {
  readonly project: Project
  readonly options: GivenOptions
  readonly notes: Notes
  /** Reads a file of this machine that the project names. */
  readonly read: (path: string) => HostFile
  /** Names of services in the cluster, by their own; what is disabled has none. */
  readonly names: ReadonlyMap<string, string>
}

/** Begins a conversion. */
export function contextOf(project: Project, options: ConvertOptions, read: Context['read']): Context {
  const own = project.model['x-tscompose-kubernetes'] ?? {}
  const given: GivenOptions = {
    namespace: nameFor(project.name),
    ...options,
    ...(own.namespace === undefined ? {} : { namespace: own.namespace }),
    ...(own.publish === undefined ? {} : { publish: own.publish }),
    ...(own.host === undefined ? {} : { host: own.host }),
    ...(own.ingress_class === undefined ? {} : { ingressClass: own.ingress_class }),
    ...(own.gateway === undefined ? {} : { gateway: own.gateway }),
    ...(own.volume_size === undefined ? {} : { volumeSize: own.volume_size }),
    ...(own.storage_class === undefined ? {} : { storageClass: own.storage_class }),
    ...(own.network_policies === undefined ? {} : { networkPolicies: own.network_policies }),
  }
  const names = namesFor(Object.keys(project.model.services))
  return { project, options: given, notes: new Notes(project), read, names }
}

/** What follows from a project as a whole: worked out once, however many services ask. */
export function perContext<T>(make: (context: Context) => T): (context: Context) => T {
  const made = new WeakMap<Context, { readonly value: T }>()
  return context => {
    const known = made.get(context) ?? { value: make(context) }
    made.set(context, known)
    return known.value
  }
}

/** The names that services have in the cluster. */
export const takenNames: (context: Context) => ReadonlySet<string> = perContext(
  ({ names }) => new Set(names.values()),
)

/** The name of a service in the cluster. */
export function nameOf({ names }: Pick<Context, 'names'>, service: string): string {
  return names.get(service) ?? service
}

/** One service on its way. */
export interface Subject {
  readonly context: Context
  readonly name: string
  readonly service: Service
  /** `['services', name]` */
  readonly path: Path
}

/** A service of the project by its name; undefined for one that is not there or not enabled. */
export function subjectOf(context: Context, name: string): Subject | undefined {
  const { [name]: service } = context.project.model.services
  return service === undefined ? undefined : { context, name, service, path: ['services', name] }
}

/** Labels by which what belongs together is found: everything of a project, and the pods of one service. */
export const PART_OF = 'app.kubernetes.io/part-of'
const NAME = 'app.kubernetes.io/name'
const MANAGED_BY = 'app.kubernetes.io/managed-by'

/** What finds all objects of a project. */
export function projectLabels({ project }: { readonly project: Pick<Project, 'name'> }): Texts {
  return { [PART_OF]: labelValue(project.name), [MANAGED_BY]: 'tscompose' }
}

/** The same as a question to an API server. */
export function selectorOf(project: string): string {
  return Object.entries(projectLabels({ project: { name: project } }))
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

/** Selects the pods of a service. */
export function podSelector(context: Context, owner: string): Texts {
  return { [PART_OF]: labelValue(context.project.name), [NAME]: labelValue(owner) }
}

/** Name, namespace and labels of an object; of one service's where `owner` names it. */
export function metadata(context: Context, name: string, owner?: string, annotations: Texts = {}): Metadata {
  return {
    name,
    namespace: context.options.namespace,
    labels: { ...projectLabels(context), ...(owner === undefined ? {} : { [NAME]: labelValue(owner) }) },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}

/** Labels of Compose, whose values may be anything, as annotations; a key that Kubernetes does not take is told. */
export function annotationsOf(
  { context, path }: Subject,
  attribute: readonly string[],
  labels: Texts = {},
): Texts {
  const kept = Object.entries(withoutKompose(context.notes, [...path, ...attribute], labels)).filter(
    ([key]) => {
      if (isLabelKey(key)) return true
      context.notes.warn(
        'KUBERNETES_NAME',
        [...path, ...attribute, key],
        `the label "${key}" is no key that Kubernetes takes, and is left out`,
      )
      return false
    },
  )
  return Object.fromEntries(kept)
}

/** An object without what is undefined, and without empty lists and objects: what Kubernetes has a default for is not written. */
export function compact<T extends object>(values: T): { readonly [K in keyof T]: Exclude<T[K], undefined> } {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined && !isEmpty(value))
  return Object.fromEntries(kept) as { [K in keyof T]: Exclude<T[K], undefined> }
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
