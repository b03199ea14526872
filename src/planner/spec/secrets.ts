import { createHmac } from 'node:crypto'
import type { Project, Service } from '../../model/index.ts'
import { type Change, SECRET } from '../core/operation.ts'
import { compareText } from './canonical.ts'
import { type MaskedSpec, markOf } from './mask.ts'

/**
 * Values that a container is made from and that must not be shown, by what they are: `environment.DB_PASSWORD`,
 * `command`, `configs.motd content`, `secrets.token content`.
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

/** The service's secret values: what its spec hides, and the content of configs and secrets that are in no file. */
export function secretValues(
  { model }: Project,
  service: Service,
  { hidden }: Pick<MaskedSpec, 'hidden'>,
): SecretValues {
  const values: Record<string, string> = { ...hidden }
  for (const kind of ['configs', 'secrets'] as const)
    for (const { source } of service[kind] ?? []) {
      const definition = model[kind]?.[source]
      if (definition?.file === undefined && definition?.content !== undefined)
        values[`${kind}.${source} content`] = definition.content
    }
  return values
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

function changeAt(path: string): Change {
  const mark = path.endsWith(' content') ? SECRET : markOf(path)
  return { path, from: mark, to: mark }
}

/** Reads label and annotation; undefined for what is not one of ours, or of an engine without annotations. */
export function readSealedSecrets(
  label: string | undefined,
  annotation: string | undefined,
): SealedSecrets | undefined {
  if (label === undefined || annotation === undefined) return undefined
  let digests: unknown
  try {
    digests = JSON.parse(label)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (typeof digests !== 'object' || digests === null || Array.isArray(digests)) return undefined
  return { key: annotation, digests: digests as Record<string, string> }
}

/** Text of the label. */
export function sealedText({ digests }: SealedSecrets): string {
  return JSON.stringify(digests)
}

function digestOf(key: string, path: string, value: string): string {
  return createHmac('sha256', key).update(`${path}\0${value}`).digest('hex').slice(0, 32)
}
