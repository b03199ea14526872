import { posix } from 'node:path'
import { parseBytes, parseSwitch } from '../../../notation/index.ts'

/** The `key=value` fields of a `--mount`, keys in lower case; a bare key has the value `true`. */
export function mountFields(text: string): ReadonlyMap<string, string> {
  return new Map(
    splitFields(text)
      .filter(field => !EMPTY_FROM.test(field))
      .map(field => {
        const equals = field.indexOf('=')
        return equals === -1
          ? ([field.toLowerCase(), 'true'] as const)
          : ([field.slice(0, equals).toLowerCase(), field.slice(equals + 1)] as const)
      }),
  )
}

/** Mounts from nowhere come from the context, as those do that do not say. */
const EMPTY_FROM = /^from=$/i
const COMMON = ['type', 'target', 'dst', 'destination', 'id', 'source', 'src', 'from', 'env']
const SOURCES = ['source', 'src']
const TARGETS = ['target', 'dst', 'destination']
/** Types that are mounted on their target, which thus cannot be the root. */
const TO_FOLDERS = ['bind', 'cache', 'tmpfs']
const ACCESS = ['rw', 'readwrite', 'ro', 'readonly']
const IDS = ['mode', 'uid', 'gid']
/** Fields that may stand without a value. */
const SWITCHES = [...ACCESS, 'required']

const NUMBERS: Readonly<Record<string, (text: string) => boolean>> = {
  mode: text => /^[0-7]{1,4}$/.test(text),
  uid: text => /^\d{1,10}$/.test(text),
  gid: text => /^\d{1,10}$/.test(text),
  size: text => (parseBytes(text) ?? -1n) >= 0n,
}

/** Types of `RUN --mount`, and the fields that each has besides the common ones. */
const MOUNT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  bind: ACCESS,
  cache: ['sharing', ...IDS, ...ACCESS],
  tmpfs: ['size', ...ACCESS],
  secret: ['required', ...IDS, ...ACCESS],
  ssh: ['required', ...IDS, ...ACCESS],
}

/** What is wrong with a `--mount` by its words alone; undefined when nothing is, or when variables hide it. */
export function mountProblem(text: string): string | undefined {
  const fields = mountFields(text)
  if (hasEmptyField(text)) return `got "${text}", want key=value between its commas`
  if (/\$./.test(fields.get('from') ?? ''))
    return 'the "from" of a mount has no variables: name a stage by FROM with an ARG, and mount from that'
  if (text.includes('$')) return undefined
  const type = typeOfMount(fields)
  const known = Object.hasOwn(MOUNT_FIELDS, type) ? MOUNT_FIELDS[type] : undefined
  if (known === undefined)
    return `mount type "${type}" is not supported, want ${Object.keys(MOUNT_FIELDS).join(', ')}`
  const unknown = [...fields.keys()].find(key => !COMMON.includes(key) && !known.includes(key))
  if (unknown !== undefined) return `mount type "${type}" has no field "${unknown}"`
  const bare = splitFields(text).find(
    field => !field.includes('=') && !SWITCHES.includes(field.toLowerCase()),
  )
  if (bare !== undefined) return `got "${bare}", want ${bare}=value`
  return wrongValue(type, fields)
}

/** The type of a mount, `bind` where none is said. */
export function typeOfMount(fields: ReadonlyMap<string, string>): string {
  return (fields.get('type') ?? 'bind').toLowerCase()
}

function wrongValue(type: string, fields: ReadonlyMap<string, string>): string | undefined {
  for (const [key, value] of fields) {
    if (NUMBERS[key]?.(value) === false) return `got ${key}=${value}, want a number`
    if (SWITCHES.includes(key) && parseSwitch(value) === undefined)
      return `got ${key}=${value}, want true or false`
  }
  const sharing = fields.get('sharing')?.toLowerCase()
  if (sharing !== undefined && !['shared', 'private', 'locked'].includes(sharing))
    return `got sharing=${sharing}, want shared, private or locked`
  return wrongPlace(type, fields)
}

function wrongPlace(type: string, fields: ReadonlyMap<string, string>): string | undefined {
  const first = (keys: readonly string[]): string => keys.map(key => fields.get(key)).find(Boolean) ?? ''
  const [id, source, target] = [first(['id']), first(SOURCES), first(TARGETS)]
  if (TO_FOLDERS.includes(type) && posix.resolve('/', target) === '/')
    return `mount type "${type}" needs a target other than /`
  if (type === 'ssh' && source !== '') return 'mount type "ssh" has no source'
  if (type !== 'secret') return undefined
  if (id !== '' && source !== '') return 'mount type "secret" has both an id and a source'
  return `${id}${source}${target}` === '' ? 'mount type "secret" needs an id or a target' : undefined
}

/** Commas with nothing between them. */
function hasEmptyField(text: string): boolean {
  return text
    .replace(/"[^"]*"/g, 'quoted')
    .split(',')
    .some(field => field.trim() === '')
}

/** Comma-separated, where a field in double quotes may hold commas. */
function splitFields(text: string): string[] {
  const fields = text.match(/(?:"[^"]*"|[^,"])+/g) ?? []
  return fields.map(field => field.replaceAll('"', '').trim()).filter(field => field !== '')
}
