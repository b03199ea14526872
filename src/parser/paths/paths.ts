import { cleanPath } from '../canonical/short-volume.ts'
import { isAddress } from '../remote/reference.ts'
import { child, type Node, type ScalarNode, textOf, withKey } from '../tree/node.ts'
import { compileRules } from '../tree/pattern.ts'
import { type Rewrite, rewrite } from '../tree/walk.ts'

/** Where relative paths start, and what `~` is. */
export interface PathBase {
  readonly workingDir: string
  readonly home: string | undefined
}

/** Makes relative paths of the host absolute; URLs and references to services stay. */
export function resolvePaths(node: Node, base: PathBase): Node {
  return rewrite(node, RULES, base) ?? node
}

/** A path of the host, absolute. */
export function absolutePath(path: string, base: PathBase): string {
  const expanded = expandHome(path, base.home)
  // An absolute path stays as it is written, a trailing slash included.
  return expanded.startsWith('/') ? expanded : cleanPath(`${base.workingDir}/${expanded}`)
}

/** The folder that a file is in. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** The way from one absolute folder to another, `.` when they are the same. */
export function relativeFolder(from: string, to: string): string {
  const [start, end] = [partsOf(from), partsOf(to)]
  const shared = start.findIndex((part, index) => part !== end[index])
  const common = shared < 0 ? start.length : shared
  return [...start.slice(common).map(() => '..'), ...end.slice(common)].join('/') || '.'
}

function partsOf(path: string): string[] {
  return path.split('/').filter(part => part !== '')
}

function expandHome(path: string, home: string | undefined): string {
  // Docker Compose takes `~name` for a folder in the home, too.
  if (home === undefined || !path.startsWith('~')) return path
  return cleanPath(`${home}/${path.slice(1)}`)
}

type Rule = Rewrite<PathBase>

const file: Rule = (node, _path, base) => {
  const text = textOf(node)
  return text === undefined ? node : moved(node, absolutePath(text, base))
}

/** Another file, on this machine or elsewhere. */
const composeFile: Rule = (node, path, base) => {
  const text = textOf(node)
  return text !== undefined && isAddress(text) ? node : file(node, path, base)
}

/** A build context may be a URL, a Git address or a builder's own scheme. */
const context: Rule = (node, _path, base) => {
  const text = textOf(node)
  // A blank context, as of a variable that is not set, is no path.
  if (text === undefined || text === '' || isRemote(text)) return node
  return moved(node, absolutePath(text, base))
}

/** True for what a builder fetches by itself. */
function isRemote(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/|service:|docker-image:|oci-layout:)/i.test(text)
}

const additionalContexts: Rule = (node, _path, base) => {
  if (node.kind !== 'list') return node
  return {
    ...node,
    items: node.items.map(item => {
      const text = textOf(item) ?? ''
      const at = text.indexOf('=')
      const value = text.slice(at + 1)
      if (at < 0 || value === '' || isRemote(value)) return item
      return moved(item, `${text.slice(0, at)}=${absolutePath(value, base)}`)
    }),
  }
}

/** The source of a bind mount; a path that is absolute on Windows stays. */
const mount: Rule = (node, _path, base) => {
  if (node.kind !== 'map' || textOf(child(node, 'type')) !== 'bind') return node
  const source = node.entries.get('source')?.node
  const text = textOf(source)
  if (source === undefined || text === undefined || /^(?:[a-zA-Z]:[\\/]|\\\\)/.test(text)) return node
  return withKey(node, 'source', moved(source, absolutePath(text, base)))
}

/** The folder behind a local volume of type bind. */
const volume: Rule = (node, _path, base) => {
  const options = child(node, 'driver_opts')
  const device = child(options, 'device')
  const text = textOf(device)
  if (node.kind !== 'map' || options?.kind !== 'map' || !device || !text) return node
  const driver = textOf(child(node, 'driver')) ?? 'local'
  const isBind = textOf(child(options, 'o'))?.split(',').includes('bind')
  if (driver !== 'local' || !isBind) return node
  return withKey(node, 'driver_opts', withKey(options, 'device', moved(device, absolutePath(text, base))))
}

function moved(node: Node, path: string): ScalarNode {
  return { ...node, kind: 'scalar', value: path } as ScalarNode
}

const RULES = compileRules<Rule>([
  ['services.*.build.additional_contexts', additionalContexts],
  ['services.*.build.additional_contexts.*', context],
  ['services.*.build.context', context],
  ['services.*.develop.watch.[].path', file],
  ['services.*.env_file.[].path', file],
  ['services.*.extends.file', composeFile],
  ['services.*.label_file.[]', file],
  ['services.*.volumes.[]', mount],
  ['configs.*.file', file],
  ['secrets.*.file', file],
  ['volumes.*', volume],
])
