import { nearest } from '../../diagnostics/nearest.ts'
import type { RemoteFile, RemoteProblem } from '../contract.ts'
import type { DocumentContext } from '../document-context.ts'
import { merge } from '../merge/merge.ts'
import { absolutePath, folderOf } from '../paths/paths.ts'
import { isAddress } from '../remote/reference.ts'
import {
  asMap,
  child,
  type Entry,
  isNull,
  type MapNode,
  map,
  type Node,
  scalar,
  textOf,
  withEntries,
  withKey,
  withoutKeys,
} from '../tree/node.ts'
import type { Source } from '../tree/source.ts'

/** Lays each service with `extends` over the one that it extends, transitively and across files. */
export function applyExtends(document: MapNode, context: DocumentContext): MapNode {
  const services = asMap(child(document, 'services'))
  if (services === undefined) return document
  if (![...services.entries.values()].some(({ node }) => child(node, 'extends'))) return document
  const resolver = new ExtendsResolver(context)
  const entries = new Map<string, Entry>()
  for (const [name, entry] of services.entries)
    entries.set(name, { ...entry, node: resolver.resolve(name, services, context.file, []) ?? entry.node })
  return withKey(document, 'services', withEntries(services, entries))
}

/** Each link is a call: without a limit a file could use up the stack. */
const MOST_LINKS = 500

/** Where a service comes from that another one extends. */
interface Origin {
  readonly file: Source
  readonly services: MapNode
}

interface Link {
  readonly file: string
  readonly service: string
}

class ExtendsResolver {
  readonly #context: DocumentContext
  readonly #resolved = new Map<string, Node | undefined>()

  constructor(context: DocumentContext) {
    this.#context = context
  }

  /** The service with all that it extends merged in; undefined when there is no such service or an error was reported. */
  resolve(name: string, services: MapNode, file: Source, chain: readonly Link[]): Node | undefined {
    const key = `${file.name}\0${name}`
    if (this.#resolved.has(key)) return this.#resolved.get(key)
    const entry = services.entries.get(name)
    if (entry === undefined) return undefined
    const link: Link = { file: file.name, service: name }
    const closes = chain.some(other => other.file === link.file && other.service === link.service)
    if (closes) {
      this.#cycle([...chain, link], entry)
      return undefined
    }
    if (chain.length >= MOST_LINKS) {
      const summary = `extend fewer services in a row: the chain has more than ${MOST_LINKS}`
      this.#error('EXTENDS_TOO_DEEP', summary, name, child(entry.node, 'extends') ?? entry.node)
      return undefined
    }
    const resolved = this.#extend(name, entry.node, services, file, [...chain, link])
    this.#resolved.set(key, resolved)
    return resolved
  }

  #extend(name: string, service: Node, services: MapNode, file: Source, chain: readonly Link[]): Node {
    const reference = child(service, 'extends')
    if (service.kind !== 'map' || reference === undefined || isNull(reference)) return service
    const own = withoutKeys(service, ['extends'])
    const baseName = textOf(reference) ?? textOf(child(reference, 'service'))
    if (baseName === undefined) {
      const misspelt = [...(asMap(reference)?.entries.keys() ?? [])].find(
        key => key !== 'file' && nearest(key, ['service']),
      )
      const hint = misspelt === undefined ? undefined : `did you mean "service"?`
      const at = child(reference, misspelt ?? '') ?? reference
      this.#error('EXTENDS_SERVICE_MISSING', 'name the service to extend: extends.service', name, at, hint)
      return own
    }
    const from = textOf(child(reference, 'file'))
    const origin = from === undefined ? { file, services } : this.#open(from, name, reference)
    if (origin === undefined) return own
    if (!origin.services.entries.has(baseName)) {
      const near = nearest(baseName, origin.services.entries.keys())
      const hint = near ? `did you mean "${near}"?` : undefined
      const fileName = this.#context.scope.remotes.nameOf(origin.file.name)
      this.#error(
        'EXTENDS_NOT_FOUND',
        `extend a service of ${fileName}, got "${baseName}"`,
        name,
        reference,
        hint,
      )
      return own
    }
    const base = this.resolve(baseName, origin.services, origin.file, chain)
    if (base === undefined) return own
    if (base.kind !== 'map') {
      // Docker Compose forgets to take away what extends an empty service of another file, and prints it.
      const isKept = from !== undefined && isNull(base)
      const kept = map(
        { file: scalar(origin.file.name, reference), service: scalar(baseName, reference) },
        reference,
      )
      return isKept ? withKey(own, 'extends', kept) : own
    }
    this.#context.scope.lineage.extended.push({
      service: name,
      file: file.name,
      at: reference.span,
      baseService: baseName,
      baseFile: origin.file,
      base,
      own,
    })
    const wrap = (node: Node): Node => map({ services: map({ [name]: node }) })
    const merged = merge(wrap(withoutKeys(base, ['extends'])), wrap(own), this.#context.scope.reporter)
    return child(child(merged, 'services'), name) ?? own
  }

  #open(from: string, name: string, reference: Node): Origin | undefined {
    const { scope, loadBase } = this.#context
    const node = child(reference, 'file') ?? reference
    const place = this.#locate(from, name, node)
    if (place === undefined) return undefined
    const file = scope.read(place.path)
    if (file === undefined) {
      this.#error('FILE_NOT_FOUND', `create the file ${place.path}: extends names it`, name, node)
      return undefined
    }
    const services = loadBase(file, place.root)
    return services && { file, services }
  }

  /** Where the file is, and where its relative paths start: beside it, or at the top of what it was fetched with. */
  #locate(from: string, name: string, node: Node): RemoteFile | undefined {
    const { scope, workingDir } = this.#context
    const report = ({ code, summary, detail, hint }: RemoteProblem): void =>
      scope.reporter.error(code, summary, {
        path: ['services', name, 'extends', 'file'],
        node,
        hint,
        ...(detail === undefined ? {} : { detail }),
      })
    if (isAddress(from)) return scope.remotes.find(from, report)
    const path = absolutePath(from, { workingDir, home: scope.home })
    return { path, root: folderOf(path) }
  }

  #cycle(chain: readonly Link[], entry: Entry): void {
    const detail = chain
      .map(
        ({ service, file }, index) =>
          `${index === 0 ? '' : 'extends '}${service} in ${this.#context.scope.remotes.nameOf(file)}`,
      )
      .join('\n')
    for (const { service } of chain) this.#context.scope.reporter.markBroken(['services', service])
    this.#context.scope.reporter.error('EXTENDS_CYCLE', 'break the circle of extends', {
      path: ['services', chain.at(-1)?.service ?? '', 'extends'],
      node: child(entry.node, 'extends'),
      detail,
    })
  }

  #error(code: string, summary: string, service: string, node: Node, hint?: string): void {
    this.#context.scope.reporter.error(code, summary, { path: ['services', service, 'extends'], node, hint })
  }
}
