import { createHmac } from 'node:crypto'
import type { Config, Project, Secret, Service } from '../../model/index.ts'
import { type Change, SECRET } from '../core/operation.ts'
import { compareText } from './canonical.ts'
import { type MaskedSpec, markOf } from './mask.ts'

/**
 * Values that a container is made from and that must not be shown, by what they are: `environment.DB_PASSWORD`,
 * `command`, `configs.motd content`, `secrets.token content`; of files that are bound digests, `configs.app bytes`.
 */
export type SecretValues = Readonly<Record<string, string>>

/**
 * What a container tells of its secret values: digests of them under a key of its own. The digests are in a label and the
 * key is in an annotation, so that who sees labels (logs, metrics, lists) cannot find a short secret by trying them all.
 */
export interface SealedSecrets {
  /** 32 hex digits, random. */
  readonly key: string
  readonly digests: Readonly<Record<string, string>>
}

/** Path of a config's or secret's content, and of one that is a file which is bound. */
const CONTENT = /^(?:configs|secrets)\..* (?:content|bytes)$/

/** Whether a difference is about the content of a config or secret. */
export function isContent(path: string): boolean {
  return CONTENT.test(path)
}

/** Whether it is about one that the container has by itself, since its file is bound. */
export function isBound(path: string): boolean {
  return isContent(path) && path.endsWith(' bytes')
}

/** The service's secret values: what its spec hides, and the content of configs and secrets that are in no file. */
export function secretValues(
  project: Project,
  service: Service,
  { hidden }: Pick<MaskedSpec, 'hidden'>,
): SecretValues {
  return { ...hidden, ...contentValues(project, service) }
}

/** Of the secret values the contents alone, which may change while the container stays. */
export function contentValues(project: Project, service: Service): SecretValues {
  return {
    ...valuesOf(project, service, ({ file, content }) => (file === undefined ? content : undefined)),
    ...fileValues(project, service),
  }
}

/** Digests of the files whose change a process of the service is to be told of. */
export function fileValues(project: Project, service: Service): SecretValues {
  if (service['x-tscompose']?.on_change === undefined) return {}
  return valuesOf(project, service, ({ file }) =>
    file === undefined ? undefined : project.fileDigests?.[file],
  )
}

function valuesOf(
  { model }: Project,
  service: Service,
  textOf: (definition: Pick<Config | Secret, 'file' | 'content'>) => string | undefined,
): SecretValues {
  return Object.fromEntries(
    (['configs', 'secrets'] as const).flatMap(kind =>
      (service[kind] ?? []).flatMap(({ source, uid, gid, mode }) => {
        const definition = model[kind]?.[source]
        const value = definition && textOf(definition)
        const isPut = definition?.file === undefined || [uid, gid, mode].some(each => each !== undefined)
        return value === undefined
          ? []
          : [[`${kind}.${source} ${isPut ? 'content' : 'bytes'}`, value] as const]
      }),
    ),
  )
}

/** The values' digests under this key. */
export function sealSecrets(values: SecretValues, key: string): SealedSecrets {
  const digests = Object.entries(values).map(([path, value]) => [path, digestOf(key, path, value)] as const)
  return { key, digests: Object.fromEntries(digests) }
}

/** Values that both have and that differ; what is there on one side alone is told by the spec. */
export function compareSecrets(sealed: SealedSecrets | undefined, values: SecretValues): Change[] {
  if (sealed === undefined) return []
  const paths = Object.keys(values).sort(compareText)
  return paths.flatMap(path => {
    const digest = sealed.digests[path]
    if (digest === undefined || digest === digestOf(sealed.key, path, values[path] ?? '')) return []
    return [changeAt(path)]
  })
}

/** As `compareSecrets`, of one attribute, whose values the engine itself tells: for what no key is kept of. */
export function compareHidden(
  attribute: string,
  found: Readonly<Record<string, string>>,
  values: SecretValues,
): Change[] {
  const paths = Object.keys(values).sort(compareText)
  return paths.flatMap(path => {
    const isOf = path.startsWith(`${attribute}.`)
    const from = isOf ? found[path.slice(attribute.length + 1)] : undefined
    return from === undefined || from === values[path] ? [] : [changeAt(path)]
  })
}

/**
 * What of a container that runs is behind its files: those that are others than its process was told of, and, where it was made when nobody asked for that, that it
 * has to be known from now on which it has.
 */
export function compareFiles(
  sealed: SealedSecrets | undefined,
  values: SecretValues,
  signal: string | undefined,
): Change[] {
  const isKnown = Object.keys(values).every(path => sealed?.digests[path] !== undefined)
  if (isKnown) return compareSecrets(sealed, values)
  return [{ path: ON_CHANGE, from: undefined, to: JSON.stringify(signal) }]
}

/** Where a service says how its process is told of contents. */
export const ON_CHANGE = 'x-tscompose.on_change'

function changeAt(path: string): Change {
  const mark = CONTENT.test(path) ? SECRET : markOf(path)
  return { path, from: mark, to: mark }
}

/** Text for the engine to keep with the container: the digests of its contents, those of these values anew. */
export function injectedText({ key, digests }: SealedSecrets, values: SecretValues): string {
  const kept = Object.entries(digests).filter(([path]) => CONTENT.test(path))
  return JSON.stringify({ ...Object.fromEntries(kept), ...sealSecrets(values, key).digests })
}

/** Reads label, key and what was injected since; undefined for what is not one of ours, or of an engine without annotations. */
export function readSealedSecrets(
  label: string | undefined,
  key: string | undefined,
  injected?: string,
): SealedSecrets | undefined {
  const digests = readDigests(label)
  if (digests === undefined || key === undefined) return undefined
  return { key, digests: { ...digests, ...readDigests(injected) } }
}

function readDigests(text: string | undefined): Readonly<Record<string, string>> | undefined {
  if (text === undefined) return undefined
  let digests: unknown
  try {
    digests = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (typeof digests !== 'object' || digests === null || Array.isArray(digests)) return undefined
  return digests as Record<string, string>
}

/** Text of the label. */
export function sealedText({ digests }: SealedSecrets): string {
  return JSON.stringify(digests)
}

function digestOf(key: string, path: string, value: string): string {
  return createHmac('sha256', key).update(`${path}\0${value}`).digest('hex').slice(0, 32)
}
