import type {
  ConfigInspect,
  NetworkInspect,
  SecretInspect,
  ServiceInspect,
  ServiceNetwork,
  ServiceSpec,
} from '../../../api/types/index.ts'
import { STACK_LABEL } from '../convert/names.ts'

/** What a swarm has of a stack. */
export interface ObservedStack {
  readonly name: string
  readonly services: readonly ServiceInspect[]
  /** All that tasks can be on: those of other stacks, too. */
  readonly networks: readonly NetworkInspect[]
  /** Those of the stack, and others that have names which it wants. */
  readonly configs: readonly ConfigInspect[]
  readonly secrets: readonly SecretInspect[]
}

type Labelled = { readonly Labels?: Readonly<Record<string, string>> | null | undefined }

/** Whether an object is the stack's by its label. */
export function isOf({ name }: Pick<ObservedStack, 'name'>, { Labels }: Labelled): boolean {
  return Labels?.[STACK_LABEL] === name
}

/** A service as its manager keeps it, with names of networks in the place of ids. */
export function named(spec: ServiceSpec, networks: ObservedStack['networks']): ServiceSpec {
  const names = new Map(networks.map(({ Id, Name }) => [Id, Name]))
  const withNames = (list: readonly ServiceNetwork[] | undefined): readonly ServiceNetwork[] | undefined =>
    list?.map(each => ({ ...each, Target: names.get(each.Target ?? '') ?? each.Target }))
  return {
    ...spec,
    TaskTemplate: { ...spec.TaskTemplate, Networks: withNames(spec.TaskTemplate?.Networks ?? spec.Networks) },
  }
}
