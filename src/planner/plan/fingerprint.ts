import { createHash, createHmac } from 'node:crypto'
import type { Observed, ObservedContainer } from '../observed/observed.ts'
import { canonical, compareText } from '../spec/canonical.ts'
import type { Plan } from './plan.ts'

/** Digests of things by what they are: `container lamp-web-1`, or an operation's id. */
export type Fingerprint = Readonly<Record<string, string>>

/**
 * What a plan was made from. What may be otherwise a moment later, and decides nothing by itself, is left out: health, addresses, when an
 * image was tagged. One-offs come and go.
 */
export function fingerprintOf({ containers, networks, volumes, images }: Observed): Fingerprint {
  const things: (readonly [string, unknown])[] = [
    ...containers
      .filter(({ oneOff }) => !oneOff)
      .map(each => [`container ${each.name}`, essence(each)] as const),
    ...networks.map(({ containers: _, ...each }) => [`network ${each.name}`, each] as const),
    ...volumes.map(each => [`volume ${each.name}`, each] as const),
    ...Object.entries(images).map(([name, { digest }]) => [`image ${name}`, digest] as const),
  ]
  return sealed(things, text => createHash('sha256').update(text))
}

function essence({ health: _, networks, ...rest }: ObservedContainer): object {
  return { ...rest, networks: networks.map(({ name, id }) => ({ name, id })) }
}

/**
 * What a plan does, operation by operation, in their order. Under a key: operations hold a service's environment and secrets, of which not even a
 * digest that others could compare is to be kept.
 */
export function operationsFingerprint({ operations }: Plan, key: string): Fingerprint {
  return sealed(
    operations.map(operation => [operation.id, operation] as const),
    text => createHmac('sha256', key).update(text),
  )
}

function sealed(
  things: readonly (readonly [string, unknown])[],
  digest: (text: string) => { digest(encoding: 'hex'): string },
): Fingerprint {
  return Object.fromEntries(
    things.map(([name, thing]) => [
      name,
      digest(JSON.stringify(canonical(thing)))
        .digest('hex')
        .slice(0, 32),
    ]),
  )
}

/** What is otherwise in the second than in the first, in words. */
export function movedBetween(before: Fingerprint, after: Fingerprint): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareText)
  return names.flatMap(name => {
    if (before[name] === after[name]) return []
    if (before[name] === undefined) return [`${name} is new`]
    return [after[name] === undefined ? `${name} is gone` : `${name} is another`]
  })
}
