import { digestOf } from '../../oci/digest-of.ts'

/** Counts up when the meaning of keys or layers changes, so that no old entry is taken for a new one. */
const CACHE_VERSION = 3

/** A part of a step's inputs that stands in the key as something else than its value. */
export class Keyed<T> {
  readonly value: T
  readonly key: string | undefined

  private constructor(value: T, key: string | undefined) {
    this.value = value
    this.key = key
  }

  /** Something that lies on this host by chance where it does: in the key by what it is. */
  static by<T>(identity: string, value: T): Keyed<T> {
    return new Keyed(value, identity)
  }

  /** What a command sees and by the rules of Dockerfiles decides nothing: the content of secrets, undeclared proxies. */
  static never<T>(value: T): Keyed<T> {
    return new Keyed(value, undefined)
  }
}

/**
 * Key of a step in the cache: of its kind, the layers below it and all of its inputs. Inputs are plain data and `Keyed`;
 * anything else would look like another one of its kind, and raises a TypeError. `epoch`: the time that the layer's files have at most;
 * `repeats`: how often the very step was done before in the stage.
 */
export function stepKey(
  keyword: string,
  below: readonly string[],
  inputs: unknown,
  { epoch, repeats = 0 }: { readonly epoch?: number | undefined; readonly repeats?: number } = {},
): string {
  const parts = [CACHE_VERSION, keyword, below, plain(inputs)]
  const further = repeats === 0 ? [] : [{ repeats }]
  return digestOf(
    JSON.stringify(epoch === undefined ? [...parts, ...further] : [...parts, epoch, ...further]),
  )
}

function plain(value: unknown): unknown {
  if (value instanceof Keyed) return value.key
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean')
    return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    throw new TypeError(`a step's inputs hold what a key cannot tell apart: ${String(value)}`)
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, part]) => [name, plain(part)]))
}
