import { parseBytes } from '../../../notation/index.ts'

/** The `key=value` fields of a `--mount`, keys in lower case; a bare key has the value `true`. */
export function mountFields(text: string): ReadonlyMap<string, string> {
  return new Map(
    splitFields(text).map(field => {
      const equals = field.indexOf('=')
      return equals === -1
        ? ([field.toLowerCase(), 'true'] as const)
        : ([field.slice(0, equals).toLowerCase(), field.slice(equals + 1)] as const)
    }),
  )
}

const COMMON = ['type', 'target', 'dst', 'destination']
const ACCESS = ['rw', 'readwrite', 'ro', 'readonly']
const IDS = ['mode', 'uid', 'gid']

const NUMBERS: Readonly<Record<string, (text: string) => boolean>> = {
  mode: text => /^[0-7]{1,4}$/.test(text),
  uid: text => /^\d{1,10}$/.test(text),
  gid: text => /^\d{1,10}$/.test(text),
  size: text => (parseBytes(text) ?? -1n) >= 0n,
}

/** Types of `RUN --mount`, and the fields that each has besides type and target. */
const MOUNT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  bind: ['source', 'src', 'from', ...ACCESS],
  cache: ['id', 'sharing', 'from', 'source', 'src', ...IDS, ...ACCESS],
  tmpfs: ['size'],
  secret: ['id', 'source', 'src', 'required', 'env', ...IDS],
}

/** What is wrong with a `--mount` by its words alone; undefined when nothing is, or when variables hide it. */
export function mountProblem(text: string): string | undefined {
  if (text.includes('$')) return undefined
  const fields = mountFields(text)
  const type = fields.get('type') ?? 'bind'
  const known = Object.hasOwn(MOUNT_FIELDS, type) ? MOUNT_FIELDS[type] : undefined
  if (known === undefined)
    return `mount type "${type}" is not supported, want ${Object.keys(MOUNT_FIELDS).join(', ')}`
  const unknown = [...fields.keys()].find(key => !COMMON.includes(key) && !known.includes(key))
  if (unknown !== undefined) return `mount type "${type}" has no field "${unknown}"`
  if (type === 'cache' && fields.has('from')) return 'mount type "cache" with "from" is not supported yet'
  const wrong = [...fields].find(([key, value]) => NUMBERS[key]?.(value) === false)
  if (wrong !== undefined) return `got ${wrong[0]}=${wrong[1]}, want a number`
  const sharing = fields.get('sharing')
  if (sharing !== undefined && !['shared', 'private', 'locked'].includes(sharing)) {
    return `got sharing=${sharing}, want shared, private or locked`
  }
  return undefined
}

/** Comma-separated, where a field in double quotes may hold commas. */
function splitFields(text: string): string[] {
  const fields = text.match(/(?:"[^"]*"|[^,"])+/g) ?? []
  return fields.map(field => field.replaceAll('"', '').trim()).filter(field => field !== '')
}
