import { parseSwitch } from '../../notation/index.ts'
import { type BuildInput, refusal, warnOf } from './attribute.ts'

/** What a build is to say of its image. */
export interface BuildAttestations {
  readonly provenance: 'min' | 'max' | undefined
  readonly sbom: boolean | undefined
}

/**
 * Reads `provenance` and `sbom`: a switch, or fields as BuildKit's clients write them (`mode=max`). Raises
 * BUILD_ATTESTATION for what is neither.
 */
export function buildAttestations(input: BuildInput): BuildAttestations {
  const provenance = fieldsOf(input, 'provenance', [
    'mode',
    'version',
    'builder-id',
    'reproducible',
    'inline-only',
  ])
  const sbom = fieldsOf(input, 'sbom', ['generator'])
  if (sbom?.get('generator') !== undefined)
    warnOf(input, {
      at: ['sbom'],
      summary: 'packages are listed by the builder itself, whatever the generator',
    })
  const mode = provenance?.get('mode') ?? 'min'
  if (mode !== 'min' && mode !== 'max')
    throw wrong(input, 'provenance', `got mode "${mode}", want min or max`)
  return {
    provenance: provenance === undefined ? undefined : mode,
    sbom: sbom === undefined ? undefined : true,
  }
}

/** The fields of an attribute; undefined where it is not wanted. */
function fieldsOf(
  input: BuildInput,
  attribute: 'provenance' | 'sbom',
  known: readonly string[],
): ReadonlyMap<string, string> | undefined {
  const text = String(input.operation.build[attribute] ?? 'false')
  const isWanted = parseSwitch(text)
  if (isWanted !== undefined) return isWanted ? new Map() : undefined
  const fields = new Map(
    text.split(',').map((part): [string, string] => {
      const at = part.indexOf('=')
      return at < 0 ? [part.trim(), 'true'] : [part.slice(0, at).trim(), part.slice(at + 1)]
    }),
  )
  const { type = attribute, disabled = 'false' } = Object.fromEntries(fields)
  for (const name of ['type', 'disabled']) fields.delete(name)
  const strange = [...fields.keys()].find(name => !known.includes(name))
  if (strange !== undefined || type !== attribute)
    throw wrong(
      input,
      attribute,
      `got "${text}", want true, false${attribute === 'sbom' ? '' : ', mode=min or mode=max'}`,
    )
  return parseSwitch(disabled) === true ? undefined : fields
}

function wrong(input: BuildInput, attribute: 'provenance' | 'sbom', summary: string): Error {
  return refusal(input, { code: 'BUILD_ATTESTATION', at: [attribute], summary })
}
