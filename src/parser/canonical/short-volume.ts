/** The long form of a `services.*.volumes[]` string, as plain fields. */
export interface ShortVolume {
  readonly type: 'bind' | 'volume'
  readonly source?: string
  readonly target: string
  readonly read_only?: boolean
  readonly bind?: {
    readonly propagation?: string
    readonly selinux?: string
    readonly create_host_path: true
  }
  readonly volume?: { readonly nocopy?: boolean }
}

const PROPAGATIONS = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'])

/** Parses `[SOURCE:]TARGET[:OPTIONS]`; a text with the reason when it has no such form. Unknown options are ignored. */
export function parseShortVolume(text: string): ShortVolume | string {
  if (text === '') return 'an empty text names no volume'
  if (text.length <= 2) return { type: 'volume', target: cleanPath(text) }
  const sections = splitSections(text)
  if (sections.some(section => section === '')) return 'there is an empty section between colons'
  const [first = '', second, options = '', ...rest] = sections
  if (rest.length > 0) return 'there are too many colons'
  // An anonymous volume has neither source nor options.
  if (second === undefined) return { type: 'volume', target: cleanPath(first), volume: {} }
  return withOptions(first, cleanPath(second), options.split(','))
}

function withOptions(source: string, target: string, options: readonly string[]): ShortVolume {
  const propagation = options.findLast(option => PROPAGATIONS.has(option))
  const selinux = options.findLast(option => option === 'z' || option === 'Z')
  const access = options.findLast(option => option === 'ro' || option === 'rw')
  const common = { source, target, ...(access === 'ro' ? { read_only: true } : {}) }
  if (!isHostPath(source)) {
    const volume = options.includes('nocopy') ? { nocopy: true } : {}
    const extra = propagation !== undefined || selinux !== undefined
    const bind = { ...(selinux ? { selinux } : {}), ...(propagation ? { propagation } : {}) }
    return {
      type: 'volume',
      ...common,
      volume,
      ...(extra ? { bind: bind as ShortVolume['bind'] & object } : {}),
    }
  }
  const volume = options.includes('nocopy') ? { volume: { nocopy: true } } : {}
  const bind = {
    ...(selinux === undefined ? {} : { selinux }),
    ...(propagation === undefined ? {} : { propagation }),
    create_host_path: true as const,
  }
  return { type: 'bind', ...common, bind, ...volume }
}

/** Splits at colons, but for that of a Windows drive and those inside `${…}`. */
function splitSections(text: string): string[] {
  if (text.includes('{')) return splitOutsideBraces(text)
  const sections: string[] = []
  let drive: string | undefined
  for (const part of text.split(':')) {
    const section = drive === undefined ? part : `${drive}:${part}`
    drive = isDrive(section) ? section : undefined
    if (drive === undefined) sections.push(section)
  }
  return drive === undefined ? sections : [...sections, drive]
}

function isDrive(section: string): boolean {
  return section.length === 1 && /\p{L}/u.test(section)
}

function splitOutsideBraces(text: string): string[] {
  const sections: string[] = []
  let section = ''
  let depth = 0
  for (const char of text) {
    if (char === '{' && section.endsWith('$')) depth += 1
    if (char === '}' && depth > 0) depth -= 1
    if (char === ':' && depth === 0 && !isDrive(section)) {
      sections.push(section)
      section = ''
    } else section += char
  }
  return [...sections, section]
}

/** True where a source stands for a path of the host and not for a named volume. */
function isHostPath(source: string): boolean {
  return /^(?:[./~]|\\\\|[a-zA-Z]:)/.test(source)
}

/** `.` and `..` as a part, two slashes, and a slash at the end. */
const UNCLEAN = /^\.{1,2}(?:\/|$)|\/\.{0,2}(?:\/|$)/

/** A path without `.`, `..` and doubled or trailing slashes. */
export function cleanPath(path: string): string {
  if (!UNCLEAN.test(path)) return path
  const rooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '..' || !rooted) parts.push(part)
  }
  const joined = parts.join('/')
  return rooted ? `/${joined}` : joined || '.'
}
