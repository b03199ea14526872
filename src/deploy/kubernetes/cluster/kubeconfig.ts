import { readFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { errnoOf, type Failure, failure, messageOf } from '../../../diagnostics/index.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A value of a file as it is read: anything, until it was looked at. */
type Loose = Readonly<Record<string, unknown>>

/** All that kubeconfig files say, by names; paths in them are absolute. */
export interface Kubeconfig {
  readonly current: string | undefined
  readonly contexts: ReadonlyMap<string, Loose>
  readonly clusters: ReadonlyMap<string, Loose>
  readonly users: ReadonlyMap<string, Loose>
}

const SECTIONS = { contexts: 'context', clusters: 'cluster', users: 'user' } as const
type Section = keyof typeof SECTIONS

/** Keys whose values are paths, relative to the folder of the file that has them. */
const PATHS: Readonly<Record<Section, readonly string[]>> = {
  contexts: [],
  clusters: ['certificate-authority'],
  users: ['client-certificate', 'client-key', 'tokenFile'],
}

/**
 * The files that kubectl would read: the one that is named, else those of KUBECONFIG, else ~/.kube/config. What several have, the first
 * of them says. Undefined where there is none. Errors: KUBERNETES_CONFIG.
 */
export function readKubeconfig(
  named: string | undefined,
  env: Environment,
  cwd: string,
): Kubeconfig | undefined {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter(path => path !== '')
  const home = env['HOME'] === undefined ? [] : [join(env['HOME'], '.kube/config')]
  const paths = named === undefined ? (listed.length > 0 ? listed : home) : [named]
  const files = paths
    .map(path => resolve(cwd, path))
    .flatMap(path => readOne(path, named !== undefined) ?? [])
  if (files.length === 0) return undefined
  const merged = (section: Section): Map<string, Loose> =>
    new Map(files.toReversed().flatMap(file => [...file[section]]))
  return {
    current: files.map(({ current }) => current).find(current => current !== undefined),
    contexts: merged('contexts'),
    clusters: merged('clusters'),
    users: merged('users'),
  }
}

/** What one file says; undefined where it is not there, and need not be. */
function readOne(path: string, isNeeded: boolean): Kubeconfig | undefined {
  try {
    return fromText(readFileSync(path, 'utf8'), path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' && !isNeeded) return undefined
    if (error instanceof Error && error.name === 'Failure') throw error
    throw wrongConfig(`"${path}" cannot be read: ${messageOf(error)}`, error)
  }
}

function fromText(text: string, path: string): Kubeconfig {
  const content: unknown = parse(text)
  if (content === null)
    return { current: undefined, contexts: new Map(), clusters: new Map(), users: new Map() }
  if (!isLoose(content)) throw wrongConfig(`"${path}" is no kubeconfig: want a mapping`)
  const { 'current-context': current } = content
  return {
    current: typeof current === 'string' && current !== '' ? current : undefined,
    contexts: entriesOf(content, 'contexts', path),
    clusters: entriesOf(content, 'clusters', path),
    users: entriesOf(content, 'users', path),
  }
}

function entriesOf(content: Loose, section: Section, path: string): Map<string, Loose> {
  const { [section]: list = [] } = content
  if (list !== null && !Array.isArray(list)) throw wrongConfig(`"${path}": ${section} is no list`)
  const entries = new Map<string, Loose>()
  for (const entry of (list ?? []) as unknown[]) {
    const inner = isLoose(entry) ? entry[SECTIONS[section]] : undefined
    if (!isLoose(entry) || typeof entry['name'] !== 'string' || (inner != null && !isLoose(inner)))
      throw wrongConfig(`"${path}": an entry of ${section} has no name, or no ${SECTIONS[section]}`)
    // Of several of one name in one file, the first counts, too.
    if (!entries.has(entry['name']))
      entries.set(entry['name'], withPaths(inner ?? {}, section, dirname(path)))
  }
  return entries
}

function withPaths(entry: Loose, section: Section, folder: string): Loose {
  const absolute = PATHS[section].flatMap(key => {
    const { [key]: path } = entry
    return typeof path === 'string' && path !== '' ? [[key, resolve(folder, path)] as const] : []
  })
  const { exec } = entry
  const command = isLoose(exec) ? exec['command'] : undefined
  // A bare name is looked for in PATH.
  const isPath = typeof command === 'string' && command.includes('/')
  const plugin = isLoose(exec) && isPath ? { exec: { ...exec, command: resolve(folder, command) } } : {}
  return { ...entry, ...Object.fromEntries(absolute), ...plugin }
}

/** Whether it is an object, whatever is in it. */
export function isLoose(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text of an entry; undefined where there is none, or an empty one. Errors: KUBERNETES_CONFIG. */
export function textOf(entry: Loose, key: string): string | undefined {
  const { [key]: value } = entry
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  throw wrongConfig(`${key}: got ${JSON.stringify(value)}, want a text`)
}

/** What is wrong with a kubeconfig, or with how it was chosen from. */
export function wrongConfig(summary: string, cause?: unknown): Failure {
  return failure({
    code: 'KUBERNETES_CONFIG',
    kind: 'invalidArgument',
    summary: `kubeconfig: ${summary}`,
    hint: '`kubectl config view` shows what is read, --kubeconfig and --context choose',
    cause,
  })
}
