import { resolve } from 'node:path'
import type { BuildCacheSource, BuildCacheTarget } from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { parseSwitch } from '../../notation/index.ts'
import { parseReference } from '../../oci/reference.ts'
import { type BuildInput, refusal, warnOf } from './attribute.ts'

/** What caches of a build become in its request. */
export interface BuildCaches {
  /** Images, as any engine takes them. */
  readonly images: readonly string[]
  /** The rest, for ours. */
  readonly from: readonly BuildCacheSource[]
  readonly to: readonly BuildCacheTarget[]
}

type Attribute = 'cache_from' | 'cache_to'
type Fields = ReadonlyMap<string, string>

/** One entry, and where it stands. */
interface Written {
  readonly input: BuildInput
  readonly attribute: Attribute
  readonly index: number
  readonly text: string
  readonly fields: Fields
}

/**
 * Reads `cache_from` and `cache_to` as BuildKit's clients write them: an image's name, or `type=TYPE,KEY=VALUE…`. Raises
 * BUILD_CACHE_TYPE for a kind of place that the builder does not know, and BUILD_CACHE_FORM for what is missing or wrong.
 */
export function buildCaches(input: BuildInput): BuildCaches {
  const { cache_from: from = [], cache_to: to = [] } = input.operation.build
  const isPlain = (text: string): boolean => !text.includes('=')
  if (input.options.foreignEngine === true) return { images: from.filter(isPlain), from: [], to: [] }
  return {
    images: from.filter(isPlain),
    from: from.flatMap((text, index) =>
      isPlain(text) ? [] : [sourceOf(written(input, 'cache_from', index, text))],
    ),
    to: to.map((text, index) => targetOf(written(input, 'cache_to', index, text))),
  }
}

function written(input: BuildInput, attribute: Attribute, index: number, text: string): Written {
  if (!text.includes('='))
    return {
      input,
      attribute,
      index,
      text,
      fields: new Map([
        ['type', 'registry'],
        ['ref', text],
      ]),
    }
  const pairs = text.split(',').map((part): [string, string] => {
    const at = part.indexOf('=')
    return at < 0 ? [part.trim(), ''] : [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1)]
  })
  return { input, attribute, index, text, fields: new Map(pairs) }
}

function sourceOf(entry: Written): BuildCacheSource {
  const { fields } = entry
  switch (fields.get('type')) {
    case 'registry':
      return { type: 'registry', reference: referenceOf(entry) }
    case 'local': {
      const [tag, digest] = [fields.get('tag'), fields.get('digest')]
      return {
        type: 'local',
        folder: folderOf(entry, 'src'),
        ...(tag === undefined ? {} : { tag }),
        ...(digest === undefined ? {} : { digest }),
      }
    }
    case 'inline':
      throw wrong(entry, 'an inline cache is taken from the image that has it: name the image')
    default:
      throw unknownType(entry)
  }
}

function targetOf(entry: Written): BuildCacheTarget {
  const { fields } = entry
  switch (fields.get('type')) {
    case 'inline':
      if (fields.get('mode') === 'max')
        throw wrong(entry, 'an inline cache has the steps of its image alone: mode=min')
      return { type: 'inline' }
    case 'registry':
      return { type: 'registry', reference: referenceOf(entry), ...lasting(entry) }
    case 'local': {
      const tag = fields.get('tag')
      const folder = folderOf(entry, 'dest')
      return { type: 'local', folder, ...lasting(entry), ...(tag === undefined ? {} : { tag }) }
    }
    default:
      throw unknownType(entry)
  }
}

function lasting(entry: Written): { readonly mode: 'min' | 'max'; readonly ignoreError: boolean } {
  const { fields, input, attribute, index } = entry
  const mode = fields.get('mode') ?? 'min'
  if (mode !== 'min' && mode !== 'max') throw wrong(entry, `got mode "${mode}", want min or max`)
  const ignore = fields.get('ignore-error') ?? 'false'
  const ignoreError = parseSwitch(ignore)
  if (ignoreError === undefined) throw wrong(entry, `got ignore-error "${ignore}", want true or false`)
  const compression = fields.get('compression') ?? 'gzip'
  if (compression !== 'gzip')
    warnOf(input, {
      at: [attribute, index],
      summary: `compression=${compression}: layers are packed by gzip`,
    })
  return { mode, ignoreError }
}

function referenceOf(entry: Written): string {
  const reference = entry.fields.get('ref') ?? ''
  if (reference === '') throw wrong(entry, 'it names no "ref"')
  try {
    parseReference(reference)
    return reference
  } catch (error) {
    if (error instanceof Failure) throw wrong(entry, error.message)
    throw error
  }
}

/** Beside where the command was given, as Docker's clients have it; the engine is on the same machine. */
function folderOf(entry: Written, key: 'src' | 'dest'): string {
  const folder = entry.fields.get(key) ?? ''
  if (folder === '') throw wrong(entry, `it names no "${key}"`)
  return resolve(folder)
}

function wrong({ input, attribute, index, text }: Written, problem: string): Failure {
  return refusal(input, {
    code: 'BUILD_CACHE_FORM',
    at: [attribute, index],
    summary: `got "${text}": ${problem}`,
  })
}

function unknownType({ input, attribute, index, text, fields }: Written): Failure {
  return refusal(input, {
    code: 'BUILD_CACHE_TYPE',
    at: [attribute, index],
    summary: `got "${text}": the builder has no caches of type "${fields.get('type') ?? ''}"`,
    hint: 'it has registry, local and inline',
  })
}
