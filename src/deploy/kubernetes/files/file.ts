import type { Part } from '../convert/convert.ts'
import type { KubernetesObject } from '../objects/objects.ts'

/** A file to be written. */
export interface OutputFile {
  /** In the folder of the output. */
  readonly path: string
  readonly text: string
  /** It holds what nobody else should read. */
  readonly isSecret: boolean
}

/** Begins each file, so that a later run knows those of an earlier one. */
export const HEADER = '# Made by tscompose convert kubernetes: change the Compose file and run it again.\n'

/** Names that kubectl and kustomize read a list of files by, in whatever folder they stand. */
const RESERVED: ReadonlySet<string> = new Set(['kustomization'])

/**
 * `01-networks.yaml`: no service is called so, since names of services begin with a letter. What is applied by names of files begins
 * with the namespace. A service of a reserved name has a dot in its own, which no other service has.
 */
export function fileName({ name, isService }: Part): string {
  if (isService) return RESERVED.has(name) ? `${name}.service.yaml` : `${name}.yaml`
  return `${name === 'namespace' ? '00' : '01'}-${name}.yaml`
}

/** True for what is written for its owner alone: secrets, and variables, whose values may be some. */
export function holdsSecrets({ objects }: Part): boolean {
  return objects.some(object => object.kind === 'Secret' || hasVariables(object))
}

function hasVariables(object: KubernetesObject): boolean {
  if (!('spec' in object) || !('template' in object.spec)) return false
  const { containers, initContainers = [] } = object.spec.template.spec
  return [...initContainers, ...containers].some(({ env }) => env !== undefined)
}
