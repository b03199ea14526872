import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../../diagnostics/index.ts'
import { readIfThere } from '../../../linux/atomic-file.ts'
import { wrongFile } from './wrong-file.ts'

/** Where something that matches is had: `HOST[:PORT][/PATH]`. */
export interface RegistryLocation {
  readonly location: string
  /** Its certificate is not checked, and it may speak without TLS. */
  readonly insecure: boolean
}

/** A mirror of what a rule is for. */
export interface MirrorLocation extends RegistryLocation {
  /** What it is asked for. */
  readonly pulls: 'all' | 'digest-only' | 'tag-only'
}

/** One `[[registry]]` of registries.conf (containers-registries.conf(5), version 2). */
export interface RegistryRule extends RegistryLocation {
  /** Of full names, without a scheme: `docker.io/library`, `example.com:5000`, `*.example.com`. */
  readonly prefix: string
  readonly blocked: boolean
  readonly mirrors: readonly MirrorLocation[]
}

type Table = Readonly<Record<string, unknown>>

/** Reads the file and those of its `.d` folder, of which a later one replaces a rule for the same prefix. Raises REGISTRY_SETTINGS. */
export async function readRegistriesConf(path: string): Promise<readonly RegistryRule[]> {
  const rules = new Map<string, RegistryRule>()
  for (const file of [path, ...(await filesOf(`${path}.d`))]) {
    const text = await readIfThere(file)
    if (text === undefined || text.trim() === '') continue
    for (const rule of rulesOf(file, await parse(file, text))) rules.set(rule.prefix, rule)
  }
  return [...rules.values()]
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).filter(name => name.endsWith('.conf'))
    return names.sort().map(name => join(folder, name))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return []
    throw error
  }
}

/** The package is loaded for those who have such a file. */
async function parse(path: string, text: string): Promise<Table> {
  const { parse: parseToml, TomlError } = await import('smol-toml')
  try {
    return parseToml(text)
  } catch (error) {
    if (error instanceof TomlError) throw wrongFile(path, error)
    throw error
  }
}

function rulesOf(path: string, written: Table): readonly RegistryRule[] {
  return tablesOf(path, 'registry', written['registry']).map(entry => {
    const prefix = textOf(path, entry, 'prefix') ?? textOf(path, entry, 'location')
    if (prefix === undefined) throw wrongFile(path, 'a [[registry]] has neither "prefix" nor "location"')
    return {
      prefix,
      // Of a prefix with a wildcard, what it stands for is the location.
      location: textOf(path, entry, 'location') ?? (prefix.startsWith('*.') ? '' : prefix),
      insecure: entry['insecure'] === true,
      blocked: entry['blocked'] === true,
      mirrors: tablesOf(path, 'mirror', entry['mirror']).map(mirror =>
        mirrorOf(path, mirror, entry['mirror-by-digest-only'] === true),
      ),
    }
  })
}

function mirrorOf(path: string, mirror: Table, digestOnly: boolean): MirrorLocation {
  const location = textOf(path, mirror, 'location')
  if (location === undefined) throw wrongFile(path, 'a [[registry.mirror]] has no "location"')
  const pulls = textOf(path, mirror, 'pull-from-mirror') ?? (digestOnly ? 'digest-only' : 'all')
  if (pulls !== 'all' && pulls !== 'digest-only' && pulls !== 'tag-only')
    throw wrongFile(path, `"pull-from-mirror" is "${pulls}"`)
  return { location, pulls, insecure: mirror['insecure'] === true }
}

function tablesOf(path: string, field: string, value: unknown): readonly Table[] {
  if (value === undefined) return []
  const isTables = Array.isArray(value) && value.every(each => typeof each === 'object' && each !== null)
  // Version 1 had tables `[registries.search]` and `[registries.insecure]`, which the containers tools gave up.
  if (!isTables) throw wrongFile(path, `"${field}" is no list of tables`)
  return value as readonly Table[]
}

function textOf(path: string, table: Table, field: string): string | undefined {
  const value = table[field]
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') throw wrongFile(path, `"${field}" is no text`)
  return value.replace(/\/+$/, '')
}
