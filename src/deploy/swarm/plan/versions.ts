import { createHmac } from 'node:crypto'
import type { ConfigInspect, SecretInspect, ServiceFile, ServiceSpec } from '../../../api/types/index.ts'
import type { StackFile } from '../convert/files.ts'
import type { ObservedStack } from './observed.ts'

/** The name of the first version, on each further one. */
export const VERSION_LABEL = 'com.tscompose.version-of'

/** Of a secret: a digest of what is in it under a key of its own, which is in front of it. A manager shows nobody what is in it. */
export const CONTENT_LABEL = 'com.tscompose.content'

/** A config or a secret of the swarm. */
export type KeptFile = ConfigInspect | SecretInspect

/** Which object of the swarm has the content that the file wants, or what a new one is called. */
export interface Version {
  readonly file: StackFile
  readonly name: string
  /** Absent: it is to be made. */
  readonly kept?: KeptFile
  /** Only a manager can say whether a secret that others made has this content. */
  readonly isUnproven?: true
}

/** Versions of all configs and secrets of a stack; `proven` are ids of secrets that have the wanted content, `refuted` of those that have not. */
export function versionsOf(
  files: readonly StackFile[],
  observed: ObservedStack,
  proven: ReadonlyMap<string, boolean>,
): Version[] {
  return files.map(file => {
    const all = file.kind === 'config' ? observed.configs : observed.secrets
    return versionOf(file, all, proven)
  })
}

function versionOf(file: StackFile, all: readonly KeptFile[], proven: ReadonlyMap<string, boolean>): Version {
  const candidates = all.filter(kept => baseOf(kept) === file.name || kept.Spec.Name === file.name)
  const byName = candidates.find(({ Spec }) => Spec.Name === file.name)
  if (file.data === undefined)
    return { file, name: file.name, ...(byName === undefined ? {} : { kept: byName }) }
  const { data } = file
  const same = candidates
    .filter(kept => hasContent(kept, data, file.kind, proven) === true)
    .sort(newestFirst)[0]
  if (same !== undefined) return { file, name: same.Spec.Name ?? file.name, kept: same }
  const unproven = candidates.find(kept => hasContent(kept, data, file.kind, proven) === undefined)
  if (unproven !== undefined)
    return { file, name: unproven.Spec.Name ?? file.name, kept: unproven, isUnproven: true }
  return { file, name: freeName(file.name, new Set(all.map(({ Spec }) => Spec.Name ?? ''))) }
}

/** The name of the first version of what this is a version of. */
export function baseOf({ Spec }: KeptFile): string {
  return Spec.Labels?.[VERSION_LABEL] ?? Spec.Name ?? ''
}

/** Undefined where the swarm keeps it to itself. */
function hasContent(
  kept: KeptFile,
  data: Uint8Array,
  kind: StackFile['kind'],
  proven: ReadonlyMap<string, boolean>,
): boolean | undefined {
  if (kind === 'config') return kept.Spec.Data === Buffer.from(data).toString('base64')
  const [key, digest] = kept.Spec.Labels?.[CONTENT_LABEL]?.split(':') ?? []
  if (key === undefined || digest === undefined) return proven.get(kept.ID)
  return contentDigest(data, key) === digest
}

/** What a label says of a secret: whoever may read labels could mount the secret as well, and nobody can compare two. */
export function contentLabel(data: Uint8Array, key: string): string {
  return `${key}:${contentDigest(data, key)}`
}

function contentDigest(data: Uint8Array, key: string): string {
  return createHmac('sha256', key).update(data).digest('hex').slice(0, 32)
}

function newestFirst(a: KeptFile, b: KeptFile): number {
  return a.CreatedAt < b.CreatedAt ? 1 : a.CreatedAt > b.CreatedAt ? -1 : 0
}

/** The name itself, then `NAME.2` and so on. */
function freeName(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base
  let version = 2
  while (taken.has(`${base}.${version}`)) version++
  return `${base}.${version}`
}

/** A service whose uses of configs and secrets are told otherwise. */
export function withFiles(
  wanted: ServiceSpec,
  tell: Readonly<Record<'config' | 'secret', (use: ServiceFile) => ServiceFile>>,
): ServiceSpec {
  const container = wanted.TaskTemplate?.ContainerSpec
  const { Configs: configs, Secrets: secrets } = container ?? {}
  return {
    ...wanted,
    TaskTemplate: {
      ...wanted.TaskTemplate,
      ContainerSpec: {
        ...container,
        ...(configs && { Configs: configs.map(tell.config) }),
        ...(secrets && { Secrets: secrets.map(tell.secret) }),
      },
    },
  }
}
