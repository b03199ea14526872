import { createHash } from 'node:crypto'
import { codecOf, type Decoded, type Encodable } from '../proto/messages.ts'

/** What stands in a definition for something that a build has made here. */
const SCHEME = 'tscompose-solved://'

/**
 * A graph of one source, which names what a build has made. Clients carry it from one build to another: the last operation has the
 * one before as its input, as in all graphs, and without metadata they take it for none.
 */
export function definitionOf(id: string): Encodable<'Definition'> {
  const op = codecOf('Op')
  const source = op.encode({ source: { identifier: `${SCHEME}${id}` } })
  const digest = `sha256:${createHash('sha256').update(source).digest('hex')}`
  return { def: [source, op.encode({ inputs: [{ digest, index: 0 }] })], metadata: { [digest]: {} } }
}

/** What such a graph names; undefined for any other. */
export function solvedIn(definition: Decoded<'Definition'> | undefined): string | undefined {
  const { decode } = codecOf('Op')
  for (const bytes of definition?.def ?? []) {
    const { source } = decode(bytes)
    if (source?.identifier.startsWith(SCHEME)) return source.identifier.slice(SCHEME.length)
  }
  return undefined
}
