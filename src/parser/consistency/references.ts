import { nearest } from '../../diagnostics/nearest.ts'
import type { Path } from '../../model/index.ts'
import { asList, child, type Entry, type Node, textOf } from '../tree/node.ts'
import type { Span } from '../tree/source.ts'
import type { Consistency } from './context.ts'

/** A name somewhere in a service that must be defined somewhere else. */
interface Reference {
  readonly section: string
  readonly name: string
  readonly path: Path
  readonly node: Node | undefined
  readonly span?: Span | undefined
}

/** Every network, volume, secret, config and model that a service names must be defined. */
export function checkReferences(service: Node, path: Path, context: Consistency): void {
  for (const reference of referencesOf(service, path)) {
    const defined = child(context.project, reference.section)
    const known = defined?.kind === 'map' ? defined.entries : new Map<string, Entry>()
    if (known.has(reference.name) || context.reporter.isBroken([reference.section, reference.name])) continue
    const near = nearest(reference.name, known.keys())
    const kind = reference.section.slice(0, -1)
    context.reporter.error(
      `UNDEFINED_${kind.toUpperCase()}`,
      `define the ${kind} "${reference.name}" under ${reference.section}`,
      {
        path: reference.path,
        node: reference.node,
        span: reference.span,
        hint: near
          ? `did you mean "${near}"?`
          : `add \`${reference.name}:\` to the top-level ${reference.section}`,
      },
    )
  }
}

function* referencesOf(service: Node, path: Path): Generator<Reference> {
  yield* keysOf(service, path, 'networks')
  yield* keysOf(service, path, 'models')
  yield* sourcesOf(child(service, 'configs'), [...path, 'configs'], 'configs')
  yield* sourcesOf(child(service, 'secrets'), [...path, 'secrets'], 'secrets')
  yield* sourcesOf(child(child(service, 'build'), 'secrets'), [...path, 'build', 'secrets'], 'secrets')
  for (const [index, mount] of (asList(child(service, 'volumes'))?.items ?? []).entries()) {
    const name = textOf(child(mount, 'source'))
    if (textOf(child(mount, 'type')) === 'volume' && name)
      yield { section: 'volumes', name, path: [...path, 'volumes', index], node: child(mount, 'source') }
  }
}

function* keysOf(service: Node, path: Path, section: string): Generator<Reference> {
  const node = child(service, section)
  if (node?.kind !== 'map') return
  for (const [name, entry] of node.entries)
    if (!name.startsWith('x-'))
      yield { section, name, path: [...path, section, name], node: entry.node, span: entry.key }
}

function* sourcesOf(node: Node | undefined, path: Path, section: string): Generator<Reference> {
  for (const [index, item] of (asList(node)?.items ?? []).entries()) {
    const source = child(item, 'source')
    yield { section, name: textOf(source) ?? '', path: [...path, index], node: source ?? item }
  }
}
